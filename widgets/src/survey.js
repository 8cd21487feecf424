// <tessera-survey>: the shop's own form. What is answered goes to the shop with the shopper's name on it, and earns;
// a guest's form does what the page does with it.
import CSS from './survey.css';
import { did, wayOf } from './ways.js';

const KIND = 'survey';

/** What our server reads itself; the shop's fields of that name are told under another. */
const OURS = /^(amount|currency|picture_)/;

/** @type {import('./types').Code} */
export default async (host, given) => {
  const [, emit, , open, , write, language, , files] = given;
  const said = open(host, CSS);
  const worth = document.createElement('small');
  said.before(worth, document.createElement('slot'));
  said.tabIndex = -1;
  said.role = 'status';
  const subject = host.getAttribute('subject');
  const way = await wayOf(given, host, KIND, subject);
  if (way?.open !== false) write(worth, way?.text);

  let busy = false;
  host.addEventListener('submit', async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!way?.tells) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    /** @type {Record<string, string>} */
    const evidence = {};
    for (const [field, value] of new FormData(form)) {
      const name = OURS.test(field) ? 'q_' + field : field;
      if (typeof value == 'string') evidence[name] = (evidence[name] ? evidence[name] + ', ' : '') + value;
    }
    const made = await did(given, host, { kind: KIND, subject, evidence });
    busy = false;
    if (!made) {
      const { voice, tongueOf, wordsOf } = await import(files + 'words.js');
      return write(said, voice(language, await wordsOf(files, tongueOf(language))).say('failed'));
    }
    form.hidden = true;
    worth.remove();
    write(said, made.text);
    said.focus();
    emit(host, KIND, made);
    if (form.hasAttribute('action')) HTMLFormElement.prototype.submit.call(form);
  });
};
