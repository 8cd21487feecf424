// In each page of a shop of WooCommerce, in the page itself: loads the elements' script where something has to be drawn,
// else when the shopper first touches something, and the shop's own script when it is asked for something.

export {};

/** @typedef {{ tag: Record<string, string>, shop: string, store: string, now: boolean }} Told */

const page = /** @type {any} */ (window);

/** What PHP says of this page. @type {Told} */
const { tag, shop, store, now } = page.tesseraTold;

/** Which elements the script has still to draw; `_` ends the list. */
const UNDRAWN =
  'cart:empty gate referral programme earned ask share wish survey panel[inline] bar:not([drawn]) product:empty balance:empty'
    .replace(/\S+/g, ' tessera-$&,') + '_';

/** @type {Promise<any> | undefined} */
let shops;

/** The shop's own script. */
const own = () => (shops ||= import(shop).then((code) => code.start(store)));

/** @type {HTMLScriptElement | undefined} */
let script;

const load = () => {
  if (script) return;
  script = document.createElement('script');
  for (const name in tag) script.setAttribute(name, tag[name] + '');
  script.onload = () => document.querySelectorAll('form.cart').forEach(changed);
  document.head.append(script);
};

/** Tell a form that has been filled in before anybody listened. @param {any} form */
const changed = (form) => form.quantity?.value != form.quantity?.defaultValue && tell(form);

/** To a form itself: what else listens to its fields has heard it. @param {any} form */
const tell = (form) => form?.dispatchEvent(new Event('input'));

const look = () => document.querySelector(UNDRAWN) && load();

/** Steppers of themes, WooCommerce's variations and its carts tell jQuery alone. */
const listen = () =>
  page
    .jQuery?.(document)
    .on('change', 'form.cart [name=quantity]', (/** @type {any} */ event) => event.originalEvent || tell(event.currentTarget.form))
    .on('found_variation', async (/** @type {any} */ { target }, /** @type {any} */ variation) => {
      if (!target.querySelector('.tessera-later')) return;
      (await own()).chosen(target, variation);
      look();
      changed(target);
    })
    .on('reset_data', async (/** @type {any} */ { target }) => (await shops)?.unchosen(target))
    .on('updated_checkout added_to_cart removed_from_cart', async () => script && document.querySelector('tessera-cart') && (await own()).tellCart())
    .on('wc_fragments_loaded wc_fragments_refreshed', look);

/** What a cache has kept for too long. */
document.querySelectorAll('[data-until]').forEach((/** @type {any} */ one) => {
  if (one.dataset.until > Date.now() / 1e3) return;
  one.textContent = '';
  one.removeAttribute('drawn');
});
['apply', 'arm', 'referral'].forEach((name) =>
  document.addEventListener('tessera:' + name, async (/** @type {any} */ event) => {
    event.preventDefault();
    (await own())[name](event.detail || {});
  }),
);
['pointerdown', 'keydown', 'change', 'hashchange'].forEach((name) => addEventListener(name, load, { once: true, capture: true }));
if (now || location.hash == '#tessera') load();
look();
if (document.readyState == 'loading')
  document.addEventListener('DOMContentLoaded', () => {
    look();
    listen();
  });
else listen();
