// The gallery's controls. Every frame is a page of this shop, so its look can be set from here.
const controls = document.querySelector('.gallery-controls');
const frames = [...document.querySelectorAll('iframe')];

/** Give a frame the look that is chosen; where the state itself is dark, it stays so. */
function dress(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  const { theme, accent, width } = Object.fromEntries(new FormData(controls));
  if (frame.dataset.look !== 'dark') root.className = theme;
  if (controls.dataset.accent) root.style.setProperty('--tessera-accent', accent);
  if (controls.dataset.accent) root.style.setProperty('--tessera-accent-text', readable(accent));
  if (frame.dataset.look !== 'narrow') frame.style.width = width ? `min(100%, ${width}px)` : '';
}

/** Black or white, whichever is read better on a colour. */
function readable(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? '#000' : '#fff';
}

/** As high as what is in it. */
function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  dress(frame);
  new frame.contentWindow.ResizeObserver(() => (frame.style.height = `${Math.ceil(body.getBoundingClientRect().height) + 2}px`)).observe(body);
}

for (const frame of frames) {
  frame.addEventListener('load', () => fit(frame));
  if (frame.contentDocument?.readyState === 'complete') fit(frame);
}

controls.addEventListener('input', ({ target }) => {
  if (target.name === 'accent') controls.dataset.accent = 'own';
  for (const frame of frames) {
    if (target.name !== 'lang') dress(frame);
    else {
      const address = new URL(frame.src);
      address.searchParams.set('lang', target.value);
      frame.src = address;
    }
  }
});

document.addEventListener('click', async ({ target }) => {
  if (!target.matches('[data-copy]')) return;
  const code = target.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
    target.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(code);
  }
});
