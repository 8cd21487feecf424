// Elements with a small script of their own beside the loader, which draws them until the loader comes.

/** Such a script draws all that it finds. @param {HTMLScriptElement} loader */
export const alone = (loader) => (/** @type {Element} */ element) => {
  const script = document.createElement('script');
  const name = element.localName + (element.hasAttribute('mini') ? '-mini' : '');
  Object.assign(script.dataset, loader.dataset);
  script.src = loader.src.replace('tessera.js', name + '.js');
  if (!loader.isConnected) document.head.append(script);
};

/** @param {(element: Element) => void} draw */
export const once = (draw) => {
  let done = false;
  return (/** @type {Element} */ element) => {
    if (!done) draw(element);
    done = true;
  };
};

/** What a closed drawer hides waits until it is seen. @param {(element: Element) => void} draw */
export const seen = (draw) => {
  const watch = new IntersectionObserver((all) =>
    all.forEach(({ isIntersecting, target }) => {
      if (!isIntersecting) return;
      watch.unobserve(target);
      draw(target);
    }),
  );
  return (/** @type {Element} */ element) => watch.observe(element);
};
