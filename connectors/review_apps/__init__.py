"""Apps that collect reviews and tell us of them: Judge.me, Loox, Yotpo, Stamped. They are no shop platforms.

    proof      how a call proves where it comes from
    reviews    what the apps' bodies mean: one `ActivityTold` for each review

A review is an activity of kind `review` or, with a picture, `photo_review`; its subject is the product's id at the
shop platform. Told again it changes nothing: apps call again for every edit and moderation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import ActivityTold, BadFact, Envelope, VerifiedBody
from connectors.neutral.reading import Doc
from connectors.review_apps import proof, reviews

__all__ = ["REVIEW_APPS", "TOPIC", "ReviewApp", "app_of"]

TOPIC = "review-app:"  # in the inbox, before the app's name; no platform's topic has a colon


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewApp:
    """One app, as its documentation tells of it."""

    name: str
    title: str
    header: str  # which carries the proof
    prove: proof.Proof
    read: Callable[[Doc], reviews.Review]

    def verify(
        self, unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str], token: str
    ) -> VerifiedBody:
        """Return the body once the call proves itself by the secret. Raises: BadSignature.

        `token`: of the address, for apps that sign nothing.
        """
        given = unverified_headers.get(self.header, "") or token
        return proof.check(self.prove, given, unverified_body, secrets)

    def envelope(self, body: VerifiedBody) -> Envelope:
        """Name the delivery by its bytes: a retry repeats them."""
        return Envelope(key=f"{self.name}:{hashlib.sha256(body).hexdigest()}", topic=TOPIC + self.name)

    def translate(self, document: object) -> tuple[ActivityTold, ...]:
        """Put one call into facts. Raises: Ignored, BadFact."""
        if not isinstance(document, dict):
            raise BadFact("the body must be an object")
        return (reviews.told(self.name, self.read(document)),)


_ALL = (
    # https://help.judge.me/en/articles/8299679-verifying-webhooks-from-judge-me
    ReviewApp(
        name="judgeme",
        title="Judge.me",
        header="judgeme-hmac-sha256",
        prove=proof.hex_hmac,
        read=reviews.of_judgeme,
    ),
    # https://help.loox.io/support/solutions/articles/501000356871-loox-reviews-api-and-webhooks
    ReviewApp(name="loox", title="Loox", header="x-loox-hmac-sha256", prove=proof.base64_hmac, read=reviews.of_loox),
    # https://apidocs.yotpo.com/reference/about-webhooks: nothing is signed, so the address carries the secret
    ReviewApp(name="yotpo", title="Yotpo", header="x-yotpo-token", prove=proof.the_secret, read=reviews.of_yotpo),
    # https://help.stamped.io/article/273-webhooks: the secret itself is sent
    ReviewApp(
        name="stamped",
        title="Stamped",
        header="x-stamped-webhook-secret",
        prove=proof.the_secret,
        read=reviews.of_stamped,
    ),
)

REVIEW_APPS: dict[str, ReviewApp] = {app.name: app for app in _ALL}


def app_of(topic: str) -> ReviewApp | None:
    """Return the app whose deliveries stand under a topic of the inbox."""
    return REVIEW_APPS.get(topic.removeprefix(TOPIC)) if topic.startswith(TOPIC) else None
