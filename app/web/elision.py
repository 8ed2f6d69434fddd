"""French elision: « la convention de Léa », « la convention d’Enzo », « Marc dit qu’Inès est là ».

Sentences are written « la convention de %(name)s »; the word before a value loses its vowel when the sentence is said
(`app/web/languages.py`), as the no-break spaces are set when a template is compiled. Nobody writes « d’ » by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BEFORE_A_VALUE = re.compile(r"\b((?:[Dd]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)e)[ \u00a0]%\((\w+)\)s")
_WORD = re.compile(r"[^\W\d_]+")

# A French H is mute (Hugo, Hélène, Hénin-Beaumont), except in words that came from elsewhere; these are the ones a
# register of the north of France is full of.
_SOUNDED_H = frozenset(
    """
    habib habiba hadi hafid hafida hafsa haidar hailey haisnes hajar hakan hakim hakima halima halimatou hall halle
    hamdi hameau hamed hamid hamida hamza hana hanan hanane hangar hania hanna hannah hans harald haris harley
    harmony harnes harold haron haroun harrison harry harvey hasan hasna hasnaa hassan hassane hassna hatem hatice
    haut haute hautes hauts havre hawa hayat hayden haytham heather heaven heidi helmut henda henrik hiba hicham
    hikmet hilal hilary hind hip hollande hors hossam hossein houari houcine houda houria houssam houssem houssine
    howard huda hudson huit huitième hulya hunter hussein husseyn hutte
    """.split()  # noqa: SIM905  # a list of sixty words is read better so
)
_NEVER = frozenset({"onze", "onzième", "oui", "ouistiti", "uhlan", "yaourt"})
_LIGATURES = str.maketrans({"Œ": "O", "œ": "o", "Æ": "A", "æ": "a", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l"})


def elides(text: str) -> bool:
    """Whether « de » becomes « d’ » before this: a vowel or a mute H is heard first."""
    found = _WORD.match(text.lstrip("\u2068 \u00a0"))
    if found is None:
        return False
    word = found.group().lower()
    plain = "".join(c for c in unicodedata.normalize("NFD", word.translate(_LIGATURES)) if c.isalpha())
    if len(plain) < 2 or word in _NEVER or word in _SOUNDED_H:
        return False  # a letter alone is the name of a class: « de A à B »
    first, second = plain[0], plain[1]
    if first == "h":
        return second in "aeiouy"
    if first == "y":
        return second not in "aeiouy"  # d’Yves, de Yanis
    if plain.startswith(("oua", "oue", "oui")):
        return False  # the sound of W: de Ouassim
    return first in "aeiou"


def elided(sentence: str, values: Mapping[str, object]) -> str:
    """A French sentence to be filled with these values, the words before them said as they sound."""

    def said(match: re.Match[str]) -> str:
        value = values.get(match.group(2))
        if isinstance(value, str) and elides(value):
            return f"{match.group(1)[:-1]}’%({match.group(2)})s"
        return match.group()

    return _BEFORE_A_VALUE.sub(said, sentence) if values else sentence


def of(name: str) -> str:
    """« de Léa », « d’Enzo »."""
    return elided("de %(name)s", {"name": name}) % {"name": name}
