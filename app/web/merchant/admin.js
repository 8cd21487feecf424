// Forms are sent by fetch, so that the script of a platform's admin can add its session; without scripts they work too.
document.addEventListener('submit', async event => {
  const form = event.target
  event.preventDefault()
  const button = event.submitter ?? form.querySelector('button')
  if (button) button.disabled = true
  document.documentElement.setAttribute('aria-busy', 'true')
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) })
    show(await answer.text())
  } catch {
    document.documentElement.removeAttribute('aria-busy')
    if (button) button.disabled = false
  }
})

// More rights are asked for by the admin's own script where there is one; elsewhere the link leads to the platform.
document.addEventListener('click', async event => {
  const link = event.target.closest?.('a[data-ask]')
  if (!link) return
  const ask = ofAdmin(link.dataset.ask)
  if (!ask) return
  event.preventDefault()
  const { rights } = link.dataset
  await ask(rights.split(','))
  for (let tries = 0; tries < 10 && document.querySelector(`a[data-rights="${rights}"]`); tries++) {
    await new Promise(resolve => setTimeout(resolve, 500 * tries)) // the platform tells our server in its own time
    const answer = await fetch('/admin/')
    if (answer.ok) show(await answer.text())
  }
})

// A function of the admin's own script, named as in "owner.name"; it answers only inside the admin.
const ofAdmin = named => {
  const path = named.split('.')
  const name = path.pop()
  const owner = path.reduce((found, part) => found?.[part], window)
  return owner?.[name] && window !== window.top ? (...given) => owner[name](...given) : undefined
}

const show = html => {
  const fresh = new DOMParser().parseFromString(html, 'text/html')
  document.querySelector('main').replaceWith(fresh.querySelector('main'))
  document.documentElement.removeAttribute('aria-busy')
  mark()
}

// Which of our blocks the shop shows, where the admin's script tells: blocks of the published theme by name and status,
// those of other pages by their target alone. The merchant comes back from the editor, perhaps in another tab.
let known
const mark = async () => {
  const tell = ofAdmin(document.querySelector('[data-tells]')?.dataset.tells ?? '')
  if (!tell) return
  try {
    known ??= await tell()
    const active = known.flatMap(({ activations }) => activations ?? []).filter(({ status = 'active' }) => status === 'active')
    const there = new Set(active.map(({ handle, target }) => handle ?? target))
    for (const row of document.querySelectorAll('[data-tells] [data-block]')) {
      const added = there.has(row.dataset.block)
      row.querySelector('span').textContent = added ? '✓ Added' : 'Not added yet'
      if (added) Object.assign(row.querySelector('a'), { textContent: 'Change', href: row.dataset.added })
    }
  } catch {
    // the links are there
  }
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return
  known = undefined
  mark()
})
mark()

// While an import runs, the page follows it: a small shop is done in seconds, a large one is not asked too often.
const follow = async pause => {
  await new Promise(resolve => setTimeout(resolve, pause))
  const runs = document.querySelector('progress') && !document.documentElement.hasAttribute('aria-busy')
  try {
    const answer = runs && !document.hidden && await fetch('/admin/')
    if (answer?.ok) show(await answer.text())
  } catch {
    // the next look may go better
  }
  follow(runs ? Math.min(pause * 1.2, 10_000) : 1000)
}
follow(1000)
