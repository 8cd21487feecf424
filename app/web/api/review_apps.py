"""Review apps: whose calls count as reviews of the shop's members."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app import shops
from app.activities import review_apps
from app.errors import NotFound
from app.web.api.fields import Given, Plain, Told
from app.web.api.operations import Answer, Call, operation
from app.web.api.schemas import Nothing
from app.web.gates import services
from connectors.review_apps import REVIEW_APPS


class ReviewAppSecret(Given):
    secret: Annotated[Plain, Field(min_length=8, max_length=500)] | None = Field(
        description="As the app shows it; null: a new one, told once, to be given to the app."
    )


class ReviewAppTold(Told):
    app: str
    title: str
    connected: bool
    webhook_url: str = Field(description="Give it to the app; where it signs nothing, with `?token=` and the secret.")


class ConnectedReviewApp(ReviewAppTold):
    secret: str | None = Field(description="Only a new one, only this once.")


class ReviewApps(Told):
    data: list[ReviewAppTold]
    next: str | None


def _told(call: Call, app: str, connected: bool) -> dict[str, object]:
    url = f"{services().config.app_url.rstrip('/')}/webhooks/reviews/{app}/{call.shop.id}"
    return {"app": app, "title": REVIEW_APPS[app].title, "connected": connected, "webhook_url": url}


@operation("GET", "/review-apps", tag="Activities", gives={200: ReviewApps})
def list_review_apps(call: Call, _: None) -> Answer:
    """List review apps.

    Those we understand, and whether each is connected.
    """
    connected = review_apps.connected(call.connection, call.shop.id)
    return Answer({"data": [_told(call, app, app in connected) for app in REVIEW_APPS], "next": None})


@operation(
    "PUT",
    "/review-apps/<key:review_app>",
    tag="Activities",
    takes=ReviewAppSecret,
    gives={200: ConnectedReviewApp},
    errors=(NotFound,),
)
def connect_review_app(call: Call, given: ReviewAppSecret, review_app: str) -> Answer:
    """Connect a review app.

    Its calls are taken from now on. A secret sent before holds no more.
    """
    if review_app not in REVIEW_APPS:
        raise NotFound("there is no such review app")
    shop = shops.hold(call.connection, call.shop.id)
    secret = review_apps.connect(call.connection, call.vault, shop, review_app, given.secret)
    return Answer({**_told(call, review_app, True), "secret": None if given.secret else secret})


@operation(
    "POST",
    "/review-apps/<key:review_app>/disconnect",
    tag="Activities",
    takes=Nothing,
    gives={200: ReviewAppTold},
    errors=(NotFound,),
)
def disconnect_review_app(call: Call, _: Nothing, review_app: str) -> Answer:
    """Disconnect a review app.

    Its calls are refused; reviews told before stay.
    """
    review_apps.disconnect(call.connection, call.shop, review_app)
    return Answer(_told(call, review_app, False))
