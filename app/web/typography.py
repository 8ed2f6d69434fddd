"""French spacing, applied once to every text: no-break spaces before `; : ! ? %` and inside « »."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

NARROW, WIDE = "\u202f", "\u00a0"
_RULES = (
    (re.compile(r"(?<=[^\s{(\[]) (?=[;!?](?![=\w]))"), NARROW),
    (re.compile(r"(?<=[^\s{(\[]) (?=:(?:\s|$|<))"), WIDE),
    (re.compile(r"(?<=\d) (?=[%€])"), WIDE),
    (re.compile(r"(?<=«) "), NARROW),
    (re.compile(r" (?=»)"), NARROW),
    (re.compile(r"\be-mail"), "e\u2011mail"),
    (re.compile(r"(?<=\w)-t-(?=(?:il|elle|on)s?\b)"), "\u2011t\u2011"),
)


def french(text: str) -> str:
    """`text` with French no-break spaces. Idempotent; leaves what has no ordinary space there alone."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def spaced(text: object) -> object:
    """`french` for a sentence made in Python that a template shows; markup stays markup, what is empty stays so."""
    if not text:
        return text
    if isinstance(text, Markup):
        return Markup(french(text))  # noqa: S704  # nosec B704  # it was markup already
    return french(str(text))


class FrenchTypography(Extension):
    """Applies `french` to the text and the string literals of templates, when they are compiled."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        return self._filtered(stream)

    @staticmethod
    def _filtered(stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type in {"data", "string"}:
                yield Token(token.lineno, token.type, french(token.value))
            else:
                yield token
