// The same where the earn table tells nothing: a product's points are asked for.
import { alone, seen } from '../alone.js';
import { draw } from '../product-asked.js';
import { begin } from './begin.js';
import { loader } from './told.js';

begin({ 'tessera-cart': seen(alone(loader)), 'tessera-product': draw });
