"""Programmes to start from."""

from __future__ import annotations

from pydantic import Field

from app.errors import NotFound
from app.programmes import templates
from app.rules.fields import CurrencyCode
from app.rules.programme import Programme, parse_programme
from app.web.api.fields import Given, Told
from app.web.api.operations import Answer, Call, operation


class TemplateTold(Told):
    key: str
    shop: str = Field(description="The kind of shop it is for.")
    idea: str


class Templates(Told):
    data: list[TemplateTold]
    next: str | None


class TemplateQuery(Given):
    currency: CurrencyCode | None = Field(None, description="Default: the shop's.")


@operation("GET", "/programme/templates", tag="Programme", gives={200: Templates})
def list_templates(call: Call, _: None) -> Answer:
    """List programmes to start from.

    One for each kind of shop; read one, change it, send it as the draft.
    """
    return Answer({"data": templates.listed(), "next": None})


@operation(
    "GET",
    "/programme/templates/<key:template_key>",
    tag="Programme",
    query=TemplateQuery,
    gives={200: Programme},
    errors=(NotFound,),
)
def read_template(call: Call, asked: TemplateQuery, template_key: str) -> Answer:
    """Read a programme to start from.

    In the shop's currency, or another; amounts are kept in round numbers.
    """
    try:
        document = templates.document(template_key, asked.currency or call.shop.currency)
    except KeyError as error:
        raise NotFound("there is no such template") from error
    return Answer(parse_programme(document).to_document())
