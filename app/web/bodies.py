"""How large a body may be, whether or not a header tells."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

BODY_LIMIT = 5 * 1024 * 1024


class WholeRequest(Request):
    """A request whose body is read whole or refused.

    Of a chunked body beyond MAX_CONTENT_LENGTH werkzeug 3.1 hands out the first bytes, as if that were all.
    """

    def get_data(self, *args: Any, **options: Any) -> Any:
        data = super().get_data(*args, **options)
        if self.content_length is None and len(data) >= BODY_LIMIT and self.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge()
        return data
