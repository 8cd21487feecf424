"""Our WordPress plugin (`widgets/woocommerce`): its ZIP, and how it learns whose it is.

WordPress installs from a ZIP with one folder in it. The plugin takes a secret only from the server whose address is in
its `server.php`, or which the merchant has named: that server's scripts run in the shop's pages.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import zipfile
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from connectors.contract import NotThere, PlatformDown
from connectors.contract.companion import Pairing
from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller
from connectors.woocommerce.install import client

WIDGETS = Path(__file__).parents[2] / "widgets"
SOURCE = WIDGETS / "woocommerce"
DIST = WIDGETS / "dist"
FOLDER = "tessera-loyalty"
_SERVER = "server.php"
_OLD = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say


def plugin_secret(webhook_secret: str) -> str:
    """Return what the plugin signs with. It opens nothing else, and tells nothing of the other."""
    return hmac.new(webhook_secret.encode(), b"tessera plugin 1", hashlib.sha256).hexdigest()


class WordPressPlugin:
    file: str = "tessera-woocommerce.zip"

    def packed(self, app_url: str) -> bytes:
        return _packed(app_url)

    def pair(self, caller: Caller, ref: str, credentials: Credentials, pairing: Pairing) -> bool:
        told = {
            "app_url": pairing.app_url,
            "shop_id": pairing.shop_id,
            "ref": ref,
            "secret": plugin_secret(pairing.webhook_secret),
        }
        try:
            answer = client(caller, ref, credentials).tell_plugin("tessera/v1/pair", told)
        except NotThere:
            return False
        if not isinstance(answer, dict) or answer.get("paired") is not True:
            raise PlatformDown("the plugin was told its shop, and something else answered", acted=None)
        return True


@lru_cache(maxsize=4)
def _packed(app_url: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(_contents(app_url).items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", _OLD)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()


def _contents(app_url: str) -> dict[str, bytes]:
    found = {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in SOURCE.rglob("*") if path.is_file()}
    words = {
        name.removesuffix("po") + "mo": _machine_read(text) for name, text in found.items() if name.endswith(".po")
    }
    server = _with_server(found[_SERVER].decode(), app_url).encode()
    built = {
        f"assets/widgets/{path.relative_to(DIST).as_posix()}": path.read_bytes()
        for path in DIST.rglob("*")
        if path.suffix in (".js", ".json", ".css")
    }
    return found | words | built | {_SERVER: server}


def _machine_read(text: bytes) -> bytes:
    """Return translations as WordPress reads them."""
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text)))
    return compiled.getvalue()


def _with_server(text: str, app_url: str) -> str:
    written = app_url.replace("\\", "\\\\").replace("'", "\\'")
    return text.replace("return '';", f"return '{written}';")
