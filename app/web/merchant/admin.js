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
  const path = link.dataset.ask.split('.')
  const name = path.pop()
  const owner = path.reduce((found, part) => found?.[part], window)
  if (!owner?.[name] || window === window.top) return
  event.preventDefault()
  const { rights } = link.dataset
  await owner[name](rights.split(','))
  for (let tries = 0; tries < 10 && document.querySelector(`a[data-rights="${rights}"]`); tries++) {
    await new Promise(resolve => setTimeout(resolve, 500 * tries)) // the platform tells our server in its own time
    const answer = await fetch('/admin/')
    if (answer.ok) show(await answer.text())
  }
})

const show = html => {
  const fresh = new DOMParser().parseFromString(html, 'text/html')
  document.querySelector('main').replaceWith(fresh.querySelector('main'))
  document.documentElement.removeAttribute('aria-busy')
}

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
