// The same for a cart that PHP could not draw, a member's above all: the cart's code is in it.
import '../tessera-cart.js';
import { starter } from '../starter.js';
import { loader, own } from './told.js';
import { follow } from './variations.js';

follow(starter(loader, own, {}));
