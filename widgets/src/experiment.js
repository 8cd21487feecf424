// Which arm of the running experiment a browser is in. It draws once and keeps "key:arm", first-party, and nothing else:
// no number, nothing that tells one browser from another. Who cannot keep it takes no part and sees what everybody saw
// before. A hidden element stays in its place with its height: arms differ in what is read, never in how pages move.

/** @typedef {{ key: string, share: string }} Arm */
/** @typedef {{ key: string, arms: Arm[] }} Experiment */

/**
 * The arm of this browser; null: nothing is tried, or not on this one. Another key draws anew.
 * @param {Experiment | null | undefined} experiment @param {() => number} random
 * @param {Pick<Storage, 'getItem' | 'setItem'>} [store]
 */
export const arm = (experiment, random = Math.random, store) => {
  try {
    store ||= localStorage; // where storage is forbidden, to name it throws
    const { key, arms } = /** @type {Experiment} */ (experiment);
    const known = store.getItem('tessera-arm');
    let found = arms.find((one) => known == key + ':' + one.key);
    if (!found) {
      let left = random();
      found = /** @type {Arm} */ (arms.find((one) => (left -= +one.share) < 0) || arms[0]);
      store.setItem('tessera-arm', key + ':' + found.key);
    }
    return found.key;
  } catch {
    return null;
  }
};

/**
 * Say that this browser saw its arm: to us once, to the page each time, which ties the cart to it. Call it in every arm
 * where a shopper would see points, else the arms are not alike.
 * @param {string} base such as https://points.example/widget/v1/SHOP @param {Experiment} experiment @param {string} arm
 */
export const exposed = (base, { key: experiment }, arm) => {
  const value = experiment + ':' + arm;
  try {
    // text in a beacon needs no preflight, and outlives the page
    const body = JSON.stringify({ experiment, arm });
    if (localStorage.getItem('tessera-seen') != value && navigator.sendBeacon(base + '/exposures', body))
      localStorage.setItem('tessera-seen', value);
  } catch {}
  document.dispatchEvent(new CustomEvent('tessera:arm', { detail: { value } }));
};

/**
 * Tell whether an answer may be shown in this browser, and say that a shopper would have seen points in it. The
 * programme's facts name the experiment too, for pages that draw for themselves: they show no points, and stay.
 * @param {string | undefined} server @param {string | undefined} shop
 * @param {{ experiment: Experiment, points?: number }} answer
 */
export default (server, shop, { experiment, points }) => {
  const mine = points == null ? null : arm(experiment);
  if (!mine) return true;
  if (points) exposed(`${server}/widget/v1/${shop}`, experiment, mine);
  if (mine == 'holdout')
    for (const other of document.querySelectorAll('tessera-panel:not([inline]),tessera-bar'))
      /** @type {HTMLElement} */ (other).style.visibility = 'hidden';
  return mine == 'points';
};
