// Where we are: what the tag of our script says.

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

/** All that it says: data-shop, data-session … */
export const told = script?.dataset || {};

/** The shop it names; empty when the tag, or its data-shop, is missing. */
export const { shop } = told;

/** The folder of our files on the server: …/widgets/v1/ */
export const files = script?.src.replace(/[^/]*$/, '');

/** Tessera's address; the shop may serve the files itself. */
export const server = told.server || files + '../..';

/** The page's language; the server writes the sentences. */
export const language = told.lang || document.documentElement.lang;
