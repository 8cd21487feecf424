// What the larger elements say themselves: words of the page's language; numbers, money and days as it writes them.

export const LANGUAGES = 'en ro ru sk fr fi de es it nl pl'.split(' ');

/** The language whose words we have. @param {string} language of the page */
export const tongueOf = (language) => LANGUAGES.find((one) => one == language.slice(0, 2)) || 'en';

/** @param {string | undefined} files @param {string} tongue @returns {Promise<Record<string, any>>} */
export const wordsOf = async (files, tongue) => (await fetch(`${files}words/${tongue}.json`)).json();

/** How numbers, money and days are written; pages say anything: en_US, or nothing. @param {string} language of the page */
export const localeOf = (language) => {
  try {
    return Intl.getCanonicalLocales(language.replace('_', '-'))[0];
  } catch {
    return; // then as the browser has it
  }
};

/** @param {string} language of the page @param {Record<string, any>} words @param {Record<string, string>} [names] of points
 * @param {string} [timeZone] the shop's: its days end at its own midnight */
export const voice = (language, words, names, timeZone) => {
  const locale = localeOf(language);
  const rules = new Intl.PluralRules(tongueOf(language));
  /** @param {number} n @param {Record<string, string>} forms */
  const count = (n, forms) => `${n.toLocaleString(locale)} ${forms[rules.select(n)] || forms.other}`;
  return {
    count,
    /** "399 points", with the merchant's own name. @param {number} n */
    points: (n) => count(n, names || words.points),
    /** A text; `n` chooses its plural form. @param {string} key @param {Record<string, any>} [figures] @returns {string} */
    say: (key, figures = {}) => {
      const text = words[key] ?? key;
      return (text.other ? text[rules.select(figures.n)] || text.other : text).replace(
        /\{(\w+)\}/g,
        (/** @type {string} */ all, /** @type {string} */ name) =>
          typeof figures[name] == 'number' ? figures[name].toLocaleString(locale) : (figures[name] ?? all),
      );
    },
    /** @param {{ amount: string, currency: string }} money */
    money: ({ amount, currency }) =>
      new Intl.NumberFormat(locale, { style: 'currency', currency }).format(+amount).replace(/\D00(?=\D*$)/, ''),
    /** @param {string} at */
    day: (at) => new Date(at).toLocaleDateString(locale, { dateStyle: 'medium', timeZone }),
  };
};
