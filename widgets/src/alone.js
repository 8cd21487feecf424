// Elements with a small script of their own beside the loader, which draws them until the loader comes.

/** @param {HTMLScriptElement} loader */
export const alone = (loader) => {
  /** What a closed drawer hides waits until it is seen. A script that comes twice finds nothing left to draw. */
  const seen = new IntersectionObserver((all) =>
    all.forEach(({ isIntersecting, target }) => {
      if (!isIntersecting || loader.isConnected) return;
      seen.unobserve(target);
      const script = document.createElement('script');
      const name = target.localName + (target.hasAttribute('mini') ? '-mini' : '');
      Object.assign(script.dataset, loader.dataset);
      script.src = loader.src.replace('tessera.js', name + '.js');
      document.head.append(script);
    }),
  );
  return (/** @type {Element} */ element) => seen.observe(element);
};
