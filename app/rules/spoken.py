"""Texts that a merchant writes for shoppers: one for everybody, or one for each language. Plain text, never markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_LANGUAGE = "^[a-z]{2,3}(-[A-Z]{2})?$"
_EVERYBODY = ""  # the language of a text that is written once

Spoken = Mapping[str, str]


def _by_language(value: object) -> object:
    if isinstance(value, str):
        return {_EVERYBODY: value}
    if isinstance(value, dict) and _EVERYBODY in value:
        raise PydanticCustomError("not_a_language", 'Write a language such as "en" or "pt-BR".')
    if not isinstance(value, Mapping):
        raise PydanticCustomError("wrong_type", 'Write a text in quotes, or one for each language: {"en": "…"}.')
    return value


def _a_language(value: str) -> str:
    if value != _EVERYBODY and not re.fullmatch(_LANGUAGE.removesuffix("$"), value):
        raise PydanticCustomError("not_a_language", 'Write a language such as "en" or "pt-BR".')
    return value


def _plain(value: str) -> str:
    """Refuse what is no text: control characters but line ends, lone surrogates, blanks around it."""
    kinds = {unicodedata.category(character) for character in value.replace("\n", "")}
    if kinds & {"Cc", "Cs"} or value != value.strip():
        raise PydanticCustomError("not_printable", "Write plain text, without spaces around it.")
    return value


def _as_written(value: Spoken) -> str | dict[str, str]:
    return value[_EVERYBODY] if _EVERYBODY in value else dict(value)


def _schema(most: int) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": most}
    languages = {"type": "object", "minProperties": 1, "maxProperties": 50, "patternProperties": {_LANGUAGE: text}}
    return {"anyOf": [text, {**languages, "additionalProperties": False}]}


_Language = Annotated[str, AfterValidator(_a_language)]
_Written = PlainSerializer(_as_written)
_Short = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_plain)]
_Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
_Long = Annotated[str, Field(min_length=1, max_length=3_000), AfterValidator(_plain)]
_Some = Field(min_length=1, max_length=50)

Label = Annotated[
    Mapping[_Language, _Short], _Some, BeforeValidator(_by_language), _Written, WithJsonSchema(_schema(60))
]
Line = Annotated[
    Mapping[_Language, _Line], _Some, BeforeValidator(_by_language), _Written, WithJsonSchema(_schema(300))
]
Passage = Annotated[
    Mapping[_Language, _Long], _Some, BeforeValidator(_by_language), _Written, WithJsonSchema(_schema(3_000))
]


def said(text: Spoken, tag: str) -> str:
    """Return a text in a language, else in its main language, else in English, else as it was written first."""
    for wanted in (tag, tag.partition("-")[0], _EVERYBODY, "en"):
        if wanted in text:
            return text[wanted]
    return next(iter(text.values()))
