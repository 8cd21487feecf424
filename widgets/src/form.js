// The form of <tessera-ask>: a text, sent as the evidence of what the shopper did. It comes when it is opened.
import CSS from './form.css';
import { h } from './panel/dom.js';
import { did } from './ways.js';
import { tongueOf, voice, wordsOf } from './words.js';

/**
 * Put the form into the place of what opened it.
 * @param {HTMLElement} host @param {import('./types').Given} given @param {HTMLElement} place
 * @param {{ kind: string | undefined, subject: string | undefined }} told
 */
export default async (host, given, place, told) => {
  const [, emit, , , , , language, , files] = given;
  const { say } = voice(language, await wordsOf(files, tongueOf(language)));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  host.shadowRoot?.adoptedStyleSheets.push(sheet);
  const text = h('textarea', { rows: 3, required: true, maxLength: 4e3, ariaLabel: place.textContent });
  const send = h('button', {}, say('send'));
  const said = h('p', { role: 'status', tabIndex: -1 });
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    send.disabled = true;
    const made = await did(given, host, { ...told, evidence: { text: text.value } });
    send.disabled = false;
    said.textContent = made ? made.text : say('failed');
    if (!made) return;
    form.parentElement?.replaceChildren(said);
    said.focus();
    emit(host, 'told', made);
  };
  const form = h('form', { onsubmit }, text, said, send);
  place.replaceWith(form);
  text.focus();
};
