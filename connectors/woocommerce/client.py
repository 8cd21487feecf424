"""WooCommerce's REST API, v3: https://developer.woocommerce.com/docs/apis/rest-api/v3

The shop is somebody's own server: it may be slow, behind a firewall that answers HTML, or lose the Authorization header
on the way, so that keys have to go in the address instead. Nothing limits our calls, so we do: one at a time a shop.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.contract import NotThere, PlatformDown, PlatformRefused, Unauthorized
from connectors.neutral.calling import Answer, Call, Caller

PAGE = 100  # the most there is
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Keys:
    """How to call one shop. `by`: where the key stands; some servers drop the header."""

    url: str  # https://shop.example, or with the folder that WordPress lives in
    consumer_key: str
    consumer_secret: str
    by: Literal["header", "address"] = "header"

    def __repr__(self) -> str:
        return f"Keys({self.url})"  # the secret is in no log


@dataclass(frozen=True, slots=True)
class Client:
    caller: Caller
    keys: Keys

    def get(self, path: str, **params: str) -> Any:
        """Return a resource or one page. Raises: PlatformDown, PlatformRefused."""
        return self._call("GET", path, params=params, repeatable=True).document()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something; never repeated by itself. Raises: PlatformDown, PlatformRefused."""
        return self._call("POST", path, body=body).document()

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something to what is told; doing it twice is doing it once. Raises: PlatformDown, PlatformRefused."""
        return self._call("PUT", path, body=body, repeatable=True).document()

    def tell_plugin(self, route: str, body: Mapping[str, Any]) -> Any:
        """Tell a plugin's own route something; twice is as once. Raises: PlatformDown, PlatformRefused."""
        return self._call("POST", route, body=body, repeatable=True, root="").document()

    def delete(self, path: str) -> None:
        """Delete for good; what is not there any more is deleted. Raises: PlatformDown, PlatformRefused."""
        try:
            self._call("DELETE", path, params={"force": "true"}, repeatable=True)
        except NotThere:
            return

    def count(self, path: str, **params: str) -> int | None:
        """Return how many there are in a list; None: the shop does not tell."""
        answer = self._call("GET", path, params={"per_page": "1", "_fields": "id", **params}, repeatable=True)
        told = answer.headers.get("x-wp-total", "")
        return int(told) if told.isascii() and told.isdigit() else None

    def everything(self, path: str, **params: str) -> Iterator[list[dict[str, Any]]]:
        """Yield all pages of a list, the oldest first, so that what is added meanwhile moves nothing."""
        page = 1
        while True:
            asked = {"per_page": str(PAGE), "page": str(page), "orderby": "id", "order": "asc", **params}
            answer = self._call("GET", path, params=asked, repeatable=True)
            rows = _rows(answer)
            yield rows
            if len(rows) < PAGE:
                return
            page += 1

    def changed(self, path: str, since: datetime, **params: str) -> Iterator[list[dict[str, Any]]]:
        """Yield what has changed since a moment, oldest change first, each state once.

        A row that changes meanwhile moves to the end, and pages that are counted would skip one; so each page begins
        at the time where the last one ended, one second earlier, because times are whole seconds.
        """
        seen: set[tuple[int, str]] = set()
        begin, page = since, 1
        while True:
            rows = self.get(
                path,
                per_page=str(PAGE),
                page=str(page),
                orderby="modified",
                order="asc",
                modified_after=begin.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                dates_are_gmt="true",
                **params,
            )
            new = [row for row in rows if (row["id"], row["date_modified_gmt"]) not in seen]
            seen |= {(row["id"], row["date_modified_gmt"]) for row in rows}
            yield new
            if len(rows) < PAGE:
                return
            last = datetime.fromisoformat(rows[-1]["date_modified_gmt"]).replace(tzinfo=UTC) - _SECOND
            # more than a page of one second: go on counting pages there
            begin, page = (last, 1) if last > begin else (begin, page + 1)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        repeatable: bool = False,
        root: str = "wc/v3/",
    ) -> Answer:
        call = Call(
            method=method,
            url=f"{self.keys.url}/wp-json/{root}{path}",
            params={**(params or {}), **self._in_address()},
            headers={"Accept": "application/json", **self._in_header()},
            body=body,
            repeatable=repeatable,
        )
        return _checked(self.caller(call))

    def _in_address(self) -> dict[str, str]:
        if self.keys.by == "header":
            return {}
        return {"consumer_key": self.keys.consumer_key, "consumer_secret": self.keys.consumer_secret}

    def _in_header(self) -> dict[str, str]:
        if self.keys.by == "address":
            return {}
        pair = f"{self.keys.consumer_key}:{self.keys.consumer_secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _rows(answer: Answer) -> list[dict[str, Any]]:
    rows = answer.document()
    if not isinstance(rows, list):
        raise PlatformDown("a list was asked for, and something else was answered", acted=None)
    return rows


def _checked(answer: Answer) -> Answer:
    """Return a good answer. Raises: PlatformDown (no JSON), Unauthorized, NotThere, PlatformRefused."""
    if 200 <= answer.status < 300:
        return answer
    if 300 <= answer.status < 400:
        raise PlatformRefused(f"it leads elsewhere ({answer.status}): give the shop's final address", code="redirect")
    told = answer.document()
    code = str(told.get("code", ""))[:100] if isinstance(told, dict) else ""
    message = f"WooCommerce answered {answer.status} {code}".rstrip()
    if answer.status in (401, 403):
        raise Unauthorized(message, code=code, status=answer.status)
    if answer.status in (404, 410) or code.endswith("_invalid_id"):
        raise NotThere(message, code=code, status=answer.status)
    raise PlatformRefused(message, code=code, status=answer.status)
