// The points of the products on the page, before the loader comes.
import { draw } from './product-asked.js';

document.querySelectorAll('tessera-product:not(:defined):not([drawn])').forEach(draw);
