// Elements with a small script of their own beside the loader, which draws them until the loader comes.

/** @param {HTMLScriptElement} loader */
export const alone = (loader) => {
  /** What is added already. @type {Record<string, unknown>} */
  const added = {};

  /** What a closed drawer hides waits until it is seen. */
  const seen = new IntersectionObserver((all) =>
    all.forEach(({ isIntersecting, target: { localName } }) => {
      if (!isIntersecting || loader.isConnected || added[localName]) return;
      const script = (added[localName] = document.createElement('script'));
      Object.assign(script.dataset, loader.dataset);
      script.src = loader.src.replace('tessera.js', localName + '.js');
      document.head.append(script);
    }),
  );
  return (/** @type {Element} */ element) => seen.observe(element);
};
