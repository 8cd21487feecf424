// What both scripts of a theme of Shopify need: its own small API, and its prices.

/** @param {string} path @param {object} [sent] @returns {Promise<any>} */
export const call = async (path, sent) =>
  (
    await fetch((/** @type {any} */ (window).Shopify?.routes?.root || '/') + path, {
      headers: { 'Content-Type': 'application/json' },
      ...(sent && { method: 'POST', body: JSON.stringify(sent) }),
    })
  ).json();

/** Theme scripts tell prices in hundredths, events in whole units. @param {number | string | { amount: string }} price */
export const decimal = (price) =>
  typeof price == 'number' ? (price / 100).toFixed(2) : `${Object(price).amount ?? price}`;
