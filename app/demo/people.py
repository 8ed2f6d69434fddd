"""Invented people: names, addresses and codes drawn from a fixed seed, so that two machines get the same demo."""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata

from app.demo import sources
from app.kernel.identifiers import CODE_ALPHABET

SEED = 62
PASSWORD = "terril-vert-2026-demo"  # noqa: S105  # printed for everybody, guards invented data only


def stream(*parts: object) -> random.Random:
    """A random stream of its own for each part of the demo: adding an offer does not rename the students."""
    return random.Random(f"{SEED}:{':'.join(map(str, parts))}")  # noqa: S311  # a demo, not a secret


class Cast:
    """People who do not exist. Within one cast no two share a full name."""

    def __init__(self, *parts: object) -> None:
        self._rng = stream("cast", *parts)
        self._given, self._family = sources.names("given"), sources.names("family")
        self._known: set[tuple[str, str]] = set()

    def person(self) -> tuple[str, str]:
        """First name and family name."""
        while True:
            name = (self._rng.choice(self._given), self._rng.choice(self._family))
            if name not in self._known:
                self._known.add(name)
                return name

    def relative(self, family: str) -> str:
        """The full name of a parent, who mostly carries the same family name."""
        own = family if self._rng.random() < 0.8 else self._rng.choice(self._family)
        return f"{self._rng.choice(self._given)} {own}"


def slug(text: str) -> str:
    """Letters, digits and hyphens only: « Collège Jean Macé » gives « college-jean-mace »."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def address(first: str, last: str, domain: str) -> str:
    return f"{slug(first)}.{slug(last)}@{domain}.example"


def card_code(class_code: str, first: str, last: str, length: int) -> str:
    """The personal code of a demo student: derived, so that it can be printed again. Real cards are drawn at random."""
    digest = hashlib.sha256(f"{SEED}:{class_code}:{first}:{last}".encode()).digest()
    return "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in digest[:length])
