// Elements with a small script of their own beside the loader, which draws them until the loader comes.

/** Such a script draws all that it finds: one that comes again finds nothing. @param {HTMLScriptElement} loader */
export const alone = (loader) => (/** @type {Element} */ element) => {
  const script = document.createElement('script');
  const name = element.localName + (element.hasAttribute('mini') ? '-mini' : '');
  Object.assign(script.dataset, loader.dataset);
  script.src = loader.src.replace('tessera.js', name + '.js');
  if (!loader.isConnected) document.head.append(script);
};

/** What a closed drawer hides waits until it is seen. @param {(element: Element) => void} draw */
export const seen = (draw) => (/** @type {Element} */ element) =>
  new IntersectionObserver((all, watch) => {
    if (!all.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    draw(element);
  }).observe(element);
