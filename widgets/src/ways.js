// What a way to earn brings, and telling that it has been gone. Part of ask, share, survey and wish.

/**
 * The way of a kind: as the shopper who is logged in has it, else as anyone reads of it.
 * @param {import('./types').Given} given @param {HTMLElement} host @param {string | undefined} kind @param {string | null} [subject]
 */
export const wayOf = async ([ask], host, kind, subject) => {
  const mine = await ask(host, 'activities?', {}, 1);
  const ways = mine ? mine.data : (await ask(host, 'programme?', {}, 2))?.ways;
  const way = ways?.find((/** @type {any} */ one) => one.kind == kind && (!one.subject || one.subject == subject));
  return way && { ...way, tells: mine && way.self_reported && way.open };
};

/**
 * Tell whether an element may be there already: one with an `order` waits until that has been delivered.
 * @param {import('./types').Given} given @param {HTMLElement} host @returns {Promise<boolean>}
 */
export const isTime = async ([ask], host, order = host.getAttribute('order')) =>
  !order || (await ask(host, `orders/${encodeURIComponent(order)}?wait=1&`, {}, 1))?.delivered;

/**
 * Tell what the shopper did; the answer has a sentence of thanks.
 * @param {import('./types').Given} given @param {HTMLElement} host @param {object} sent
 */
export const did = ([ask], host, sent) =>
  ask(host, 'activities?', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) }, 1);
