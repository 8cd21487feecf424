"""The hosts of a test as a browser reaches them: by their names, over TLS, all on one port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    def log_request(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def street(hosts: Mapping[str, WSGIApplication]) -> Iterator[list[str]]:
    """Serve hosts; yields the flags by which Chromium finds them, and nothing else."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Any:
        found = hosts.get(environ.get("HTTP_HOST", ""))
        if found is None:
            start("404 Not Found", [])
            return []
        return found(environ, start)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet, ssl_context="adhoc")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield [f"--host-resolver-rules=MAP * 127.0.0.1:{server.port}", "--ignore-certificate-errors"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
