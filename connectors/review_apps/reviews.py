"""What the review apps' bodies mean. Read leniently where an app is loose, strictly where points depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import ActivityTold, BadFact, CustomerRef, Ignored
from connectors.neutral.reading import Doc, each, maybe, need, part, to_ident, to_object, to_text, to_time, to_utc_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review, whoever collected it."""

    id: str
    product_id: str | None
    email: str | None
    customer_id: str | None = None
    at: datetime | None = None  # None: told by nobody, so when it was received
    title: str | None = None
    text: str | None = None
    pictures: tuple[str, ...] = ()


def told(app: str, review: Review) -> ActivityTold:
    """Put a review into the neutral fact. Raises: BadFact, for a review of nobody."""
    if review.customer_id is None and not (review.email or "").strip():
        raise BadFact("the review names neither a customer nor an e-mail")
    written = " ".join(each.strip() for each in (review.title, review.text) if each and each.strip())
    evidence: dict[str, Any] = {"text": written, "picture_url": review.pictures[0] if review.pictures else None}
    return ActivityTold(
        id=f"{app}:{review.id}",
        customer=CustomerRef(id=review.customer_id, email=review.email),
        kind="photo_review" if review.pictures else "review",
        at=review.at,
        subject=review.product_id,
        evidence={name: value for name, value in evidence.items() if value},
        first_counts=True,
    )


def of_judgeme(doc: Doc) -> Review:
    """`{"review": {…}}`, of review/created, review/published and review/updated."""
    review = need(doc, "review", to_object)
    if review.get("hidden") is True or review.get("curated") == "spam":
        raise Ignored("the review is hidden")
    reviewer = maybe(review, "reviewer", to_object) or {}
    urls = (
        part(picture, "urls", lambda urls: maybe(urls, "original", to_text)) for picture in _objects(review, "pictures")
    )
    return Review(
        id=need(review, "id", to_ident),
        product_id=maybe(review, "product_external_id", to_ident),
        email=maybe(reviewer, "email", to_text),
        customer_id=maybe(reviewer, "external_id", to_ident),
        at=_time(review, "created_at"),
        title=maybe(review, "title", to_text),
        text=maybe(review, "body", to_text),
        pictures=tuple(url for url in urls if url),
    )


def _original(urls: Doc) -> str | None:
    return maybe(urls, "original", to_text)


def of_loox(doc: Doc) -> Review:
    """`{"event", "review": {…}}`; a workflow of the shop sends the review's own fields at the top."""
    review = maybe(doc, "review", to_object) or doc
    if doc.get("event") in ("review.declined", "review.deleted"):
        raise Ignored("the review was taken down")
    pictures = [maybe(photo, "url", to_text) for photo in _objects(review, "photos")]
    pictures.append(maybe(review, "photo_url", to_text))
    return Review(
        id=_loox_id(review),
        product_id=maybe(review, "product_id", to_ident),
        email=maybe(review, "reviewer_email", to_text) or maybe(review, "email", to_text),
        at=_time(review, "created_at") or _time(review, "review_date"),
        title=maybe(review, "title", to_text),
        text=maybe(review, "body", to_text) or maybe(review, "review_body", to_text),
        pictures=tuple(url for url in pictures if url),
    )


def _loox_id(review: Doc) -> str:
    """A workflow names no review: then order and product do, one review for each."""
    if review.get("id") is not None:
        return need(review, "id", to_ident)
    return f"{need(review, 'order_id', to_ident)}:{need(review, 'product_id', to_ident)}"


def of_yotpo(doc: Doc) -> Review:
    """`{"event": "review_create"|"review_updated", "data": {…}}`."""
    review = need(doc, "data", to_object)
    if any(str(review.get(name)).lower() == "true" for name in ("deleted", "archived")):
        raise Ignored("the review was taken down")
    pictures = [
        maybe(image, "original_url", to_text) or maybe(image, "image_url", to_text)
        for image in (*_objects(review, "images_data"), *_objects(review, "images"))
    ]
    return Review(
        id=need(review, "id", to_ident),
        product_id=maybe(review, "external_product_id", to_ident) or maybe(review, "sku", to_ident),
        email=maybe(review, "customer_email", to_text),
        at=_time(review, "created_at"),
        title=maybe(review, "title", to_text),
        text=maybe(review, "content", to_text),
        pictures=tuple(url for url in pictures if url),
    )


def of_stamped(doc: Doc) -> Review:
    """The review's fields at the top; pictures as one text, separated by commas; times without an offset, in UTC."""
    pictures = doc.get("reviewUserPhotos")
    listed = pictures.split(",") if isinstance(pictures, str) else pictures if isinstance(pictures, list) else []
    return Review(
        id=need(doc, "id", to_ident),
        product_id=maybe(doc, "productId", to_ident),
        email=maybe(doc, "customerEmail", to_text),
        at=_time(doc, "dateCreated"),
        title=maybe(doc, "reviewTitle", to_text),
        text=maybe(doc, "reviewMessage", to_text),
        pictures=tuple(str(url).strip() for url in listed if str(url).strip()),
    )


def _objects(doc: Doc, key: str) -> tuple[Doc, ...]:
    return each(doc, key, lambda one: one)


def _time(doc: Doc, key: str) -> datetime | None:
    """Read a time as any of these apps write it; one that cannot be read counts as not told."""
    value = doc.get(key)
    if not isinstance(value, str):
        return None
    plain = value.strip().replace(" UTC", "Z").replace(" ", "T", 1)
    for read in (to_time, to_utc_time):
        try:
            return read(plain)
        except ValueError:
            continue
    return None
