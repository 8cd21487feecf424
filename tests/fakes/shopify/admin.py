"""The admin around an embedded app: the page that asks for the scopes, the frame, and the script that vouches for it.

https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens: the frame's address carries a session
token that lives one minute; App Bridge gets another for each call, and adds it.
"""

from __future__ import annotations

from flask import Flask, Response, redirect, render_template_string
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
  if (event.origin !== '{{ origin }}' || event.data !== 'token?') return
  event.source.postMessage({ token: await (await fetch('/token')).text() }, event.origin)
})</script>"""
BRIDGE = """const ask = () => new Promise(resolve => {
  addEventListener('message', function heard(event) {
    if (event.origin !== 'https://admin.shopify.com' || !event.data.token) return
    removeEventListener('message', heard)
    resolve(event.data.token)
  })
  parent.postMessage('token?', 'https://admin.shopify.com')
})
window.shopify = { idToken: ask }
const plain = window.fetch
window.fetch = async (url, init = {}) => {
  if (new URL(url, location).origin !== location.origin) return plain(url, init)
  return plain(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${await ask()}` } })
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

    @app.get("/shopifycloud/app-bridge.js")
    def bridge() -> Response:
        return Response(BRIDGE, content_type="text/javascript")

    return app
