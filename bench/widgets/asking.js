// What both twins have in common with ours: whom they ask, and how they are told of the product.
export const NAMES = 'product-id variant-id price quantity currency tags collections vendor'.split(' ');

const script = document.currentScript;
const server = script.src.replace(/[^/]*$/, '') + '../../widget/v1/' + script.dataset.shop;
const language = script.dataset.lang || document.documentElement.lang;

/** The sentence for these facts, in the words of the server. */
export const ask = async (facts, signal) => {
  const query = new URLSearchParams(NAMES.map((name) => [name, facts[name] || '']));
  const answer = await fetch(`${server}/product?${query}&lang=${language}`, { signal });
  const { text, note } = await answer.json();
  return text && note ? `${text} · ${note}` : text;
};

/** What the form says: variant, price and quantity. */
export const read = (form) => {
  const chosen = form.querySelector('[data-price]:checked');
  return {
    ...(chosen && { 'variant-id': chosen.value, price: chosen.dataset.price }),
    quantity: form.quantity?.value || '1',
  };
};
