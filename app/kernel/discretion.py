"""Words that a sentence shown to others had better not hold: somebody's health, somebody's name.

The reader is asked once and may keep the sentence: « les malades » is a fair word after a week in a nursing home, and
Rose is also a flower. What is found is never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_HEALTH = re.compile(
    r"""\b(?:
      allergi\w* | asthm\w* | diabet\w* | epilep\w* | handicap\w* | autis\w* | trisom\w* | dyslex\w*
     | dysprax\w* | dysphas\w* | tdah? | hyperactif | hyperactive | depress\w* | anxie\w* | angoiss\w*
     | phobi\w* | suicid\w* | scarifi\w* | anorex\w* | boulimi\w* | malad\w* | medicament\w* | ordonnance
     | medecin | docteur | psy | psychiatr\w* | psycholog\w* | hopital | hospitalis\w* | cancer\w* | tumeur
     | operation\s+chirurg\w* | crise\w* | malaise\w* | enceinte | grossesse | regles\s+douloureuses
     | fauteuil\s+roulant | sourd\w* | malentendant\w* | aveugle\w* | malvoyant\w* | begai\w*
     | traitement\s+medical | alcooli\w* | drogu\w* | covid | contagieu\w* | migraine\w* | p\.?a\.?i\b | mdph
     | aesh | avs | ulis
    )\b""",
    re.VERBOSE,
)
_TITLED = re.compile(r"\b(?:M\.|MM\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÀ-Ý][\w’'-]+")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Found:
    """As written in the sentence, each once, in order."""

    health: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.health or self.names)

    @property
    def all(self) -> tuple[str, ...]:
        return self.health + self.names


def scan(text: str, names: Iterable[str] = ()) -> Found:
    """Words on health, names introduced by « Madame », and any of `names` (first or last), whatever their accents."""
    plain = _fold(text)
    health = [text[m.start() : m.end()] for m in _HEALTH.finditer(plain)]
    known = {part for name in names for part in _WORD.findall(_fold(name)) if len(part) >= _SHORTEST_NAME}
    named = [m[0] for m in _TITLED.finditer(text)]
    named += [
        text[m.start() : m.end()]
        for m in _WORD.finditer(plain)
        if m[0] in known and not any(text[m.start() : m.end()] in already for already in named)
    ]
    return Found(tuple(dict.fromkeys(health)), tuple(dict.fromkeys(named)))


def _fold(text: str) -> str:
    """Lower case without accents, each sign at its own place (so that positions still match)."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base if len(base) == 1 else sign
