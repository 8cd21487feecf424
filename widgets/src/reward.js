// The way to the next reward: a row of tiles that fills up, and a sentence. Part of cart and of balance.

/** `#` is the points still missing. The second form is for a reward that is an amount of money (`$`). */
const MISSING = {
  en: '# to your next reward|# to $ off',
  fi: '# seuraavaan palkintoon|# – sitten alennus $',
  fr: 'Encore # avant la prochaine récompense|Encore # avant $ de remise',
  ro: 'Încă # până la următoarea recompensă|Încă # până la o reducere de $',
  ru: '# до следующей награды|# до скидки $',
  sk: '# do ďalšej odmeny|# do zľavy $',
};

const ENOUGH = {
  en: 'Enough for a reward',
  fi: 'Riittää palkintoon',
  fr: 'Assez pour une récompense',
  ro: 'Ajunge pentru o recompensă',
  ru: 'Хватает на награду',
  sk: 'Stačí na odmenu',
};

// Every line has one height, with or without text, so nothing below ever moves.
export const CSS =
  ':host{display:block}' +
  'p,small{display:block;margin:0;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;' +
  'line-height:1.5em;min-block-size:1.5em;color:var(--tessera-color)}' +
  'small{font-size:.875em}' +
  'hr{border:0;margin:.375em 0;block-size:.5em;color:var(--tessera-accent,#c8643c);' +
  'background:linear-gradient(currentColor 0 0) 0/calc(var(--part)*100%) no-repeat #8883;' +
  'mask:linear-gradient(90deg,#000 80%,#0000 0) 0/.625em 100% round}' +
  'hr[hidden]{display:block;visibility:hidden}' +
  ':host(:dir(rtl)) hr{transform:scaleX(-1)}' +
  '@media(prefers-reduced-motion:no-preference){hr{transition:background-size .5s}}';

/**
 * Add tiles and sentence under the element's first line; the answer fills them.
 * @param {HTMLElement} line @param {import('./types').Given} given
 */
export const reward = (line, [shop, ask, count, , , , , words, write, language]) => {
  const programme = ask(`widget/v1/${shop}/programme`, {});
  const sentence = document.createElement('small');
  const bar = document.createElement('hr');
  line.after(bar, sentence);
  bar.ariaHidden = 'true';
  bar.hidden = true;

  /** @param {import('./types').Money} money */
  const format = ({ amount, currency }) =>
    new Intl.NumberFormat(language, { style: 'currency', currency }).format(+amount).replace(/\D00(?=\D*$)/, '');

  /**
   * Show the way to the next reward; without one, whoever has points has enough for every reward there is.
   * @param {import('./types').Goal | null | undefined} goal @param {number} have
   */
  return async (goal, have) => {
    /** @type {import('./types').Reward[]} */
    const rewards = (await programme)?.rewards || [];
    const { key, points = 1, missing = 0 } = goal || {};
    const amount = rewards.find((one) => one.key == key)?.amount;
    const [plain = '', named = ''] = words(MISSING).split('|');
    const text = amount ? named.replace('$', () => format(amount)) : plain;
    bar.hidden = !goal && !(have && rewards[0]);
    bar.style.setProperty('--part', `${1 - missing / points}`);
    write(sentence, bar.hidden ? '' : missing ? text.replace('#', count(missing)) : words(ENOUGH));
  };
};
