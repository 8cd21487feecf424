"""Everything that may go wrong on purpose, and its one answer.

TesseraError            status code, stable code, title
├── BadRequest          400 bad_request
├── Unauthorized        401 unauthorized
├── Forbidden           403 forbidden
├── NotFound            404 not_found
├── Conflict            409 conflict
│   ├── InsufficientPoints   409 insufficient_points
│   ├── Unclaimed            409 unclaimed
│   ├── HoldEnded            409 hold_ended
│   ├── RewardUnavailable    409, its code says why: not_eligible, not_now, out_of_stock, limit_reached …
│   ├── TooManyPoints        409 too_many_points
│   ├── IdentityConflict     409 identity_conflict
│   ├── IdempotencyConflict  409 idempotency_conflict
│   └── InFlight             409 in_flight: the same request is being worked on
├── TooLarge            413 too_large
├── Invalid             422 invalid: one error for each field
├── TooOften            429 too_often: Retry-After says when again
└── Unavailable         503 unavailable
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    code: str
    message: str


class TesseraError(Exception):
    """An error a caller may cause; it becomes problem details (RFC 9457) or one plain line."""

    status = 500
    code = "error"
    title = "Something went wrong"

    def __init__(self, detail: str = "", errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.headers: dict[str, str] = {}


class BadRequest(TesseraError):
    status, code, title = 400, "bad_request", "The request cannot be read"


class Unauthorized(TesseraError):
    status, code, title = 401, "unauthorized", "The request does not prove who sends it"


class Forbidden(TesseraError):
    status, code, title = 403, "forbidden", "The sender may not do this"


class NotFound(TesseraError):
    status, code, title = 404, "not_found", "There is no such thing here"


class Conflict(TesseraError):
    status, code, title = 409, "conflict", "The request contradicts what is already there"


class InsufficientPoints(Conflict):
    code, title = "insufficient_points", "Not enough points"

    def __init__(self, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} points are wanted, {available} are available")


class Unclaimed(Conflict):
    code, title = "unclaimed", "The member has not been claimed yet"


class HoldEnded(Conflict):
    code, title = "hold_ended", "The hold has ended already"

    def __init__(self, hold_id: str, state: str) -> None:
        super().__init__(f"redemption {hold_id} is already {state}")


class RewardUnavailable(Conflict):
    """`code` is the first of the reasons; `errors` names them all."""

    code, title = "reward_unavailable", "The reward cannot be had"

    def __init__(self, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail, errors)
        self.code = code


class TooManyPoints(Conflict):
    code, title = "too_many_points", "The points would not fit"


class IdentityConflict(Conflict):
    code, title = "identity_conflict", "The identities belong to two members"


class IdempotencyConflict(Conflict):
    code, title = "idempotency_conflict", "The key was used for another request"


class InFlight(Conflict):
    code, title = "in_flight", "The first request with this key is still being worked on"

    def __init__(self) -> None:
        super().__init__("wait a moment and send the same request again")
        self.headers = {"Retry-After": "1"}


class TooLarge(TesseraError):
    status, code, title = 413, "too_large", "The body is too large"


class Invalid(TesseraError):
    status, code, title = 422, "invalid", "The request is not valid"


class TooOften(TesseraError):
    status, code, title = 429, "too_often", "This has been done too often"

    def __init__(self, detail: str, after: timedelta) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(max(1, math.ceil(after.total_seconds())))}


class Unavailable(TesseraError):
    status, code, title = 503, "unavailable", "The service cannot answer now; try again"
