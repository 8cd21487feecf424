// What a page begins with where the shop's server has drawn our elements: the loader comes at the first touch, or at once
// for what only it can draw.

/**
 * @param {HTMLScriptElement} loader the loader's tag with all that it is to say, not yet on the page
 * @param {(event?: Event) => Promise<any>} own the code that knows this platform's pages; it comes with the first touch
 * @param {Record<string, (element: Element) => void>} draws by name, what is drawn without the loader, and how
 * @param {string} [more] events that are as good as a touch
 */
export const starter = (loader, own, draws, more = '') => {
  const start = () => {
    if (!loader.isConnected) document.head.append(loader);
  };
  const touched = (/** @type {Event} */ event) => {
    start();
    own(event).catch(() => {});
  };

  const look = () =>
    document
      .querySelectorAll(':not(:defined):not([drawn])')
      .forEach((one) => /^tessera-/.test(one.localName) && (draws[one.localName] || start)(one));

  `pointerdown keydown change hashchange ${more}`.split(' ').forEach((name) => addEventListener(name, touched, true));
  'apply arm referral'.split(' ').forEach((name) =>
    document.addEventListener('tessera:' + name, (/** @type {any} */ event) => {
      event.preventDefault();
      own().then((code) => code[name](event.detail), () => event.detail.done?.(false));
    }),
  );
  look();
  if (location.hash == '#tessera') start();
  return look;
};
