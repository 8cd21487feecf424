// The way to the next reward: a row of tiles that fills up, and a sentence. Part of cart and of balance.
// Every line has one height, with or without text, so nothing below ever moves.
export { default as CSS } from './reward.css';

/**
 * Add tiles and sentence under the element's first line; the answer fills them.
 * @param {HTMLElement} line @param {(line: HTMLElement, text?: string) => void} write
 */
export const reward = (line, write) => {
  const sentence = document.createElement('small');
  const bar = document.createElement('hr');
  line.after(bar, sentence);
  bar.ariaHidden = 'true';
  bar.hidden = true;

  /** Show the way; nothing ahead shows nothing. @param {import('./types').Way | null | undefined} way */
  return (way) => {
    bar.hidden = !way;
    bar.style.setProperty('--part', way ? way.part + '' : '0');
    write(sentence, way?.text);
    return sentence;
  };
};
