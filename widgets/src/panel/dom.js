// What the panel's views are built with. Text is always text, never markup.

/**
 * Make an element: `h('button', { onclick }, 'Copy')`. Properties, or attributes where a name has a hyphen or is none.
 * @param {string} tag @param {Record<string, any>} [props] @param {...any} children nothing, text, elements, lists
 * @returns {any}
 */
export const h = (tag, props, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {}))
    if (value == null || value === false) continue;
    else if (name in element) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value);
  element.append(...children.flat(2).filter(Boolean));
  return element;
};

/** A picture of one path, as the server gives it. @param {{ path: string, size: number }} drawn @param {string} name */
export const picture = ({ path, size }, name) => {
  const SVG = 'http://www.w3.org/2000/svg';
  const image = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'path');
  image.setAttribute('viewBox', `0 0 ${size} ${size}`);
  image.setAttribute('role', 'img');
  image.setAttribute('aria-label', name);
  line.setAttribute('d', path);
  image.append(line);
  return image;
};

/** A bar that is filled in part. @param {number} part from 0 to 1 @param {string} name for who cannot see it */
export const bar = (part, name) => {
  const made = h('div', { className: 'bar', role: 'progressbar', ariaLabel: name, ariaValueNow: `${Math.round(part * 100)}` }, h('i'));
  made.firstChild.style.inlineSize = `${Math.max(0, Math.min(1, part)) * 100}%`;
  return made;
};
