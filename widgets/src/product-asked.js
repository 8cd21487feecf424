// A product's points, asked for once.
import { asked } from './asked.js';
import { points, query } from './product.js';

/** @param {Element} element */
export const draw = (element) => {
  const said = query(element);
  asked(element, said, (answer) => {
    if (query(element) == said) element.textContent = '\u2068' + points(answer); // else it has become another's
  });
};
