"""The real application with one route more: the anchor, which checks the same signature and stores nothing."""

from __future__ import annotations

import time

from flask import Flask, Response, request

from app import create_app
from app.config import read_config
from app.services import make_services
from bench.deliveries import SECRET
from connectors import CONNECTORS


def application() -> Flask:
    served = create_app(make_services(read_config()))  # without the worker, whose time is not accepting's

    @served.post("/anchor/hmac")
    def anchor() -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        CONNECTORS["custom"].verify(headers, request.get_data(cache=False), [SECRET], int(time.time()))
        return Response(status=200)

    return served
