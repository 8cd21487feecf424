// The same where PHP could not draw a product's points: they are asked for.
import { alone, seen } from '../alone.js';
import { draw } from '../product-asked.js';
import { page } from './page.js';
import { loader } from './told.js';

page({ 'tessera-cart': seen(alone(loader)), 'tessera-product': draw });
