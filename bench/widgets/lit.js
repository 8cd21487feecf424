// The earn widget as a custom element of lit.
import { LitElement, css, html, unsafeCSS } from 'lit';
import { NAMES, ask, read } from './asking.js';
import CSS from './style.css';

class Earn extends LitElement {
  static styles = css`${unsafeCSS(CSS)}`;
  static properties = {
    ...Object.fromEntries(NAMES.map((name) => [name, {}])),
    text: { state: true },
    known: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.form = document.querySelector(this.getAttribute('for'));
    this.changed = () => Object.assign(this, read(this.form));
    this.form?.addEventListener('input', this.changed);
    if (this.form) this.changed();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.form?.removeEventListener('input', this.changed);
  }

  updated(changes) {
    if (NAMES.some((name) => changes.has(name))) this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = new AbortController();
    this.timer = setTimeout(async () => {
      try {
        this.text = await ask(this, this.asking.signal);
        this.known = true;
      } catch {
        // an outdated question, or no answer
      }
    }, this.known ? 150 : 0);
  }

  render() {
    return html`${this.text ? html`<span class="mark" aria-hidden="true"></span>` : ''}<span class="text" aria-live=${this.known ? 'polite' : 'off'}>${this.text}</span>`;
  }
}

customElements.define('tessera-product', Earn);
