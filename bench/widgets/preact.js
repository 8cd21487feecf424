// The earn widget as it is usually written: a component with hooks, drawn into a shadow.
import { h, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { NAMES, ask, read } from './asking.js';
import CSS from './style.css';

const attributes = (host) => Object.fromEntries(NAMES.map((name) => [name, host.getAttribute(name)]));

function Earn({ host, form }) {
  const [facts, setFacts] = useState(() => ({ ...attributes(host), ...(form && read(form)) }));
  const [text, setText] = useState('');
  const [known, setKnown] = useState(false);

  useEffect(() => {
    const changed = () => setFacts((now) => ({ ...now, ...read(form) }));
    form?.addEventListener('input', changed);
    const observer = new MutationObserver(() => setFacts((now) => ({ ...now, ...attributes(host) })));
    observer.observe(host, { attributeFilter: NAMES });
    return () => {
      form?.removeEventListener('input', changed);
      observer.disconnect();
    };
  }, [host, form]);

  useEffect(() => {
    const asking = new AbortController();
    const timer = setTimeout(
      () =>
        ask(facts, asking.signal).then(
          (answer) => (setText(answer), setKnown(true)),
          () => {},
        ),
      known ? 150 : 0,
    );
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [facts]);

  return [
    h('style', null, CSS),
    text && h('span', { class: 'mark', 'aria-hidden': true }),
    h('span', { class: 'text', 'aria-live': known ? 'polite' : null }, text),
  ];
}

for (const host of document.querySelectorAll('tessera-product'))
  render(h(Earn, { host, form: document.querySelector(host.getAttribute('for')) }), host.attachShadow({ mode: 'open' }));
