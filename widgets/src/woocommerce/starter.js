// In each page of a shop of WooCommerce, in the page itself, where PHP has drawn our elements.
import { alone } from '../alone.js';
import { page } from './page.js';
import { loader } from './told.js';

const wait = alone(loader);

page({ 'tessera-cart': wait, 'tessera-product': wait });
