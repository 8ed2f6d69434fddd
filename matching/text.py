"""French as pupils write it: accents, SMS spelling, stems, sounds, character n-grams.

Nothing here knows what the words are about; `thesaurus` does. A text becomes a tuple of `Token`s that remember where
they stood in the original, so that an explanation can quote the pupil's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from matching import lexicon

_WORD = re.compile(r"[0-9]+d\b|[^\W_]+(?:\+\+)?|[.;!?,:()\n/…]|[^\w\s]", re.UNICODE)
_LONG_RUN = re.compile(r"(.)\1{2,}")
_FINAL_E_ACUTE = re.compile(r"(?:é|ée|ee)(s?)$")
_STRONG = frozenset(".;!?\n()…")
_WEAK = frozenset(",:/")
_APOSTROPHES = ("'", "’", "`")
_stemmer = snowballstemmer.stemmer("french")


@dataclass(frozen=True, slots=True)
class Token:
    """One normalised word (or separator) and the span of the original text it came from."""

    norm: str
    stem: str
    start: int
    end: int

    @property
    def is_strong_break(self) -> bool:
        return self.norm in _STRONG

    @property
    def is_weak_break(self) -> bool:
        return self.norm in _WEAK

    @property
    def is_break(self) -> bool:
        return self.norm in _STRONG or self.norm in _WEAK


def strip_accents(text: str) -> str:
    """Lower-case `text` without its accents; ligatures are opened (œ → oe)."""
    opened = text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Snowball stem of one word, the same with and without accents (« bébé », « bebe »)."""
    known = lexicon.STEM_EXCEPTIONS.get(strip_accents(word))
    if known is not None:
        return known
    flat = strip_accents(_FINAL_E_ACUTE.sub("er", word.lower()))
    if len(flat) <= 3:
        return flat.rstrip("s") if len(flat) == 3 and flat.endswith("s") and flat not in lexicon.SHORT else flat
    if len(flat) > 4 and flat.endswith("os"):  # « vidéos », « photos »: no French plural in -os for Snowball
        flat = flat[:-1]
    exceptions = lexicon.STEM_EXCEPTIONS
    return exceptions.get(flat) or exceptions.get(flat.rstrip("sx")) or str(_stemmer.stemWord(flat))


@lru_cache(maxsize=100_000)
def _expand(raw: str) -> tuple[str, ...]:
    """The words that one written word stands for: SMS spelling opened, letters said once."""
    word = _LONG_RUN.sub(r"\1", raw.lower()) if len(raw) > 4 else raw.lower()
    flat = strip_accents(word)
    if (known := lexicon.SMS.get(flat)) is not None:
        return known
    if len(flat) > 3 and flat[0] == "j" and flat[1] not in "aeiouy":  # no French word starts so: « jveux »
        return ("je", *_expand(flat[1:]))
    return (word,)


@lru_cache(maxsize=200_000)
def _units(raw: str) -> tuple[tuple[str, str], ...]:
    return tuple((strip_accents(word), stem(word)) for word in _expand(raw))


def tokenise(text: str) -> tuple[Token, ...]:
    """Words and separators of `text`, normalised, with their places in the original."""
    tokens: list[Token] = []
    for match in _WORD.finditer(text):
        raw, start, end = match.group(), match.start(), match.end()
        if raw in _STRONG or raw in _WEAK:
            tokens.append(Token(raw, raw, start, end))
        elif (emoji := lexicon.EMOJI.get(raw)) is not None:
            tokens.append(Token(strip_accents(emoji), stem(emoji), start, end))
        elif len(raw) == 1 and text[end : end + 1] in _APOSTROPHES:  # « c’est », where « c » alone is « c’est »
            tokens.append(Token(raw.lower(), raw.lower(), start, end))
        elif raw[0].isalnum():
            tokens.extend(Token(norm, stemmed, start, end) for norm, stemmed in _units(raw))
    return tuple(tokens)


def content_stems(tokens: Iterable[Token]) -> list[str]:
    """Stems of the words that say something: no function word, no filler, no lone letter or figure."""
    return [
        t.stem
        for t in tokens
        if len(t.norm) > 2 and t.norm not in lexicon.STOP and not t.is_break and not t.norm.isdigit()
    ]


_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"h(?=[^aeiouy]|$)", "h"),
        (r"ph", "f"), (r"sch|sh|ch", "S"), (r"gn", "N"), (r"qu|q|ck|cq", "k"),
        (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"), (r"c", "k"),
        (r"ge(?=[ao])", "j"), (r"gu(?=[eiy])", "g"), (r"g(?=[eiy])", "j"),
        (r"h", ""), (r"eau|au", "o"), (r"oeu|eu", "e"), (r"ou", "U"), (r"oy|oi|oua|wa", "W"),
        (r"(?:ain|ein|aim|in|im|yn|ym|un)(?![aeiouyWUmn])", "I"),
        (r"(?:an|am|en|em)(?![aeiouyWUmn])", "A"), (r"(?:on|om)(?![aeiouyWUmn])", "O"),
        (r"ai|ei|ay|ey", "e"), (r"y", "i"), (r"w", "v"), (r"x", "ks"), (r"z", "s"),
        (r"(.)\1+", r"\1"), (r"(?:er|ez|et)$", "e"), (r"(?:e|s|t|d|x|p|nt)+$", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """A rough key of how a normalised word sounds: « mekanik » and « mécanique » share it."""
    key = word
    for pattern, replacement in _SOUNDS:
        key = pattern.sub(replacement, key)
    return key


def near(a: str, b: str, limit: int) -> bool:
    """Whether `a` becomes `b` with at most `limit` letters added, lost, changed or two neighbours swapped."""
    if abs(len(a) - len(b)) > limit:
        return False
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return False
        before, previous = previous, current
    return previous[-1] <= limit


def plain(tokens: Iterable[Token]) -> str:
    """Content words in reading order, normalised: what character n-grams are made of."""
    return " ".join(t.norm for t in tokens if len(t.norm) > 2 and t.norm not in lexicon.STOP and not t.is_break)
