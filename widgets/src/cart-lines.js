/** The cart as JSON: what the page told, else the attribute, else the script inside the element. @param {Element} host @param {any} [heard] */
export const linesOf = (host, heard) => {
  const script = host.querySelector('script');
  const said = heard || JSON.parse(host.getAttribute('lines') || script?.textContent || '[]');
  return JSON.stringify(said.lines ? said : { currency: host.getAttribute('currency'), lines: said });
};
