"""The admin around an embedded app: the page that asks for the scopes, the frame, and the script that vouches for it.

https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens: the frame's address carries a session
token that lives one minute; App Bridge gets another for each call, and adds it.
"""

from __future__ import annotations

from flask import Flask, Response, redirect, render_template_string, request
from werkzeug.wrappers import Response as Answer

from tests.fakes.shopify import Platform

ADMIN, CDN = "admin.shopify.com", "cdn.shopify.com"
HEAD = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Mugs</title>
<style>body{font:15px sans-serif;margin:0;background:#f1f1f1}header{background:#1a1a1a;color:#fff;padding:.8rem 1rem}
main{max-width:26rem;margin:3rem auto;padding:1.5rem;background:#fff;border-radius:12px}
iframe{border:0;width:100%;height:calc(100vh - 3rem);display:block;background:#fff}</style><header>Mugs</header>"""
ASKS = """<main><h1>Install Tessera</h1><p>This app will be able to:</p><ul>
{% for scope in scopes %}<li>{{ scope }}</li>{% endfor %}</ul>
<form method="post"><button>Install</button></form></main>"""
FRAME = """<iframe name="app" src="{{ address }}"></iframe><script>
addEventListener('message', async event => {
  if (event.origin !== '{{ origin }}') return
  const path = event.data === 'token?' ? '/token' : `/allow?scopes=${event.data}`
  event.source.postMessage({ answer: await (await fetch(path)).text() }, event.origin)
})</script>"""
BRIDGE = """const ask = question => new Promise(resolve => {
  addEventListener('message', function heard(event) {
    if (event.origin !== 'https://admin.shopify.com' || !event.data.answer) return
    removeEventListener('message', heard)
    resolve(event.data.answer)
  })
  parent.postMessage(question, 'https://admin.shopify.com')
})
const idToken = () => ask('token?')
const request = async scopes => ({ result: await ask(scopes.join(',')) })
const extensions = async () => [
  { handle: 'tessera-account', type: 'ui_extension', activations: [{ target: 'purchase.thank-you.block.render' }] },
  { handle: 'tessera', type: 'theme_app_extension', activations: [
    { handle: 'embed', name: 'Tessera', target: 'body', status: 'active', activations: [{ target: 'theme' }] },
    { handle: 'product', name: 'Points', target: 'section', status: 'available', activations: [] },
    { handle: 'cart', name: 'Points', target: 'section', status: 'unavailable', activations: [] },
  ] },
]
window.shopify = { idToken, scopes: { request }, app: { extensions } }
const plain = window.fetch
window.fetch = async (url, init = {}) => {
  if (new URL(url, location).origin !== location.origin) return plain(url, init)
  return plain(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${await idToken()}` } })
}"""


def admin(platform: Platform, app_url: str) -> Flask:
    """Return what `admin.shopify.com` and `cdn.shopify.com` answer for one shop."""
    app, shop, registered = Flask("admin"), platform.shop, platform.registered
    here = f"/store/{shop.domain.split('.')[0]}"

    @app.get(f"{here}/install")
    def asks() -> str:
        return render_template_string(HEAD + ASKS, scopes=sorted(registered.scopes))

    @app.post(f"{here}/install")
    def install() -> Answer:
        platform.install()
        return redirect(f"{here}/app")

    @app.get(f"{here}/app")
    def frame() -> str:
        told = {"embedded": "1", "host": "YWRtaW4", "id_token": registered.session_token(shop), "shop": shop.domain}
        query = registered.signed({**told, "timestamp": str(int(shop.now().timestamp()))})
        return render_template_string(HEAD + FRAME, address=f"{app_url}/admin/?{query}", origin=app_url)

    @app.get("/token")
    def token() -> str:
        return registered.session_token(shop)

    @app.get("/allow")
    def allow() -> str:
        """The merchant says yes to more; Shopify tells the app."""
        platform.allow(*request.args["scopes"].split(","))
        platform.hooks.send()
        return "granted-all"

    @app.get("/shopifycloud/app-bridge.js")
    def bridge() -> Response:
        return Response(BRIDGE, content_type="text/javascript")

    return app
