// What the embed says of this page: all that the loader's own tag is to say, and where the other scripts are, on another
// origin, maybe without "https:".
export const {
  currentScript: { dataset },
} = /** @type {any} */ (document);

/** The loader's own tag. */
export const loader = document.createElement('script');
Object.assign(loader.dataset, dataset);
loader.src = dataset.script;
