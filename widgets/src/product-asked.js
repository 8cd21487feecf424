// A product's points, asked for once.
import { asked } from './asked.js';
import { points, query } from './product.js';

/** @param {Element} element @param {any} answer */
export const write = (element, answer) => {
  element.textContent = '\u2068' + points(answer); // as the loader writes
};

/** @param {Element} element */
export const draw = (element) => asked(element, query(element), (answer) => write(element, answer));
