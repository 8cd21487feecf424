"""A theme's page as far as our blocks need one: Shopify's objects and filters, around python-liquid."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import liquid
from babel import Locale

EXTENSION = Path(__file__).parents[2] / "widgets" / "shopify" / "extensions" / "tessera"
_NO_LIQUID = re.compile(r"\{%-?\s*(schema|doc)\s*-?%\}.*?\{%-?\s*end\1\s*-?%\}", re.DOTALL)


def locale(language: str) -> Any:
    path = EXTENSION / "locales" / f"{language}{'.default' if language == 'en' else ''}.json"
    return json.loads(path.read_text("utf-8"))


def schema(block: str) -> Any:
    text = (EXTENSION / "blocks" / f"{block}.liquid").read_text("utf-8")
    return json.loads(text.partition("{% schema %}")[2].partition("{% endschema %}")[0])


def _environment(language: str) -> liquid.Environment:
    folders = [EXTENSION / name for name in ("snippets", "blocks")]
    sources = {path.stem: _NO_LIQUID.sub("", path.read_text("utf-8")) for one in folders for path in one.iterdir()}
    environment = liquid.Environment(loader=liquid.CachingDictLoader(sources), undefined=liquid.Undefined)
    texts, plural = locale(language), Locale.parse(language).plural_form

    def translated(key: str, count: int | None = None) -> str:
        found = texts[key]
        return str(found if count is None else found.get(str(plural(count)), found["other"]))

    environment.add_filter("t", translated)
    environment.add_filter("json", lambda value: json.dumps(value, ensure_ascii=False))
    environment.add_filter("asset_url", lambda name: f"//cdn.test/assets/{name}")
    return environment


_environments: dict[str, liquid.Environment] = {}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Units: `price` in hundredths."""

    id: int = 11
    price: int = 1999


@dataclass(frozen=True, kw_only=True)
class Product:
    id: int = 1
    variant: Variant = Variant()
    title: str = "Mug"
    tags: Sequence[str] = ()
    collections: Sequence[str] = ()  # handles
    vendor: str = "Acme"
    gift_card: bool = False

    def liquid(self) -> dict[str, Any]:
        handles = [{"id": 900 + number, "handle": handle} for number, handle in enumerate(self.collections)]
        return {
            "id": self.id,
            "title": self.title,
            "tags": list(self.tags),
            "collections": handles,
            "vendor": self.vendor,
            "gift_card?": self.gift_card,
            "selected_or_first_available_variant": {"id": self.variant.id, "price": self.variant.price},
        }


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything a block may look at."""

    table: Mapping[str, Any] | None = None
    language: str = "en"
    currency: str = "EUR"
    member: Mapping[str, Any] | None = None  # what we told of the customer; None: nobody is logged in
    product: Product = field(default_factory=Product)
    cart: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    ours: Mapping[str, Any] | None = None  # where our script is
    order: int | None = None

    def draw(self, block: str) -> str:
        """Return the HTML of a block with its defaults."""
        if self.language not in _environments:
            _environments[self.language] = _environment(self.language)
        given = {one["id"]: one.get("default", "") for one in schema(block)["settings"] if "id" in one}
        given |= {"product": self.product.liquid()} if "product" in given else {}
        template = _environments[self.language].get_template(block)
        return template.render(
            block={"settings": given | self.settings, "shopify_attributes": ""},
            app={"metafields": {"tessera": {"table": {"value": self.table}, "shop": {"value": self.ours}}}},
            customer=None if self.member is None else {"metafields": {"$app": {"member": {"value": self.member}}}},
            cart={"currency": {"iso_code": self.currency}, **self.cart},
            order=self.order and {"id": self.order},
            request={"locale": {"iso_code": self.language}},
            routes={"account_login_url": "/account/login", "account_register_url": "/account/register"},
        )
