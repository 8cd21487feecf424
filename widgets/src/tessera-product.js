// The points of the products on the page, before the loader comes.
import { asked } from './asked.js';
import { query } from './product.js';
import { write } from './product-asked.js';

document.querySelectorAll('tessera-product:not(:defined):not([drawn])').forEach((element) => {
  const said = query(element);
  asked(element, said, (answer) => query(element) == said && write(element, answer)); // else it has become another's
});
