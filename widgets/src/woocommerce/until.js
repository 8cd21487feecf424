// What a cache has kept for too long.
document.querySelectorAll('[data-until]').forEach((/** @type {any} */ one) => {
  if (one.dataset.until > Date.now() / 1e3) return;
  one.textContent = '';
  one.removeAttribute('drawn');
});
export {};
