// All that a page of a theme of Shopify loads at first, where Liquid has drawn the rest.
import { alone, seen } from '../alone.js';
import { begin } from './begin.js';
import { loader } from './told.js';

const draw = alone(loader);

begin({ 'tessera-cart': seen(draw), 'tessera-product': draw });
