// In each page of a shop of WooCommerce, in the page itself, where PHP has drawn our elements.
import { alone, seen } from '../alone.js';
import { page } from './page.js';
import { loader } from './told.js';

const draw = alone(loader);

page({ 'tessera-cart': seen(draw), 'tessera-product': draw });
