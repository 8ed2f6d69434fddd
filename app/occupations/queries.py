"""Looking up the reference tables: what an employer types, and the occupation it names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from app.occupations import reference
from app.occupations.reference import Occupation

MAX_SUGGESTIONS = 8
_ANYWHERE = 3  # the weakest way to match: in the middle of a word


def fold(text: str) -> str:
    """`text` in small letters, without accents, plain apostrophes, single spaces: what two people type alike."""
    spread = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).casefold().split())


@cache
def _index() -> tuple[tuple[Occupation, str, tuple[str, ...]], ...]:
    return tuple(
        (occupation, fold(occupation.label), tuple(fold(word) for word in occupation.keywords))
        for occupation in reference.occupations().values()
    )


def suggest(typed: str, *, sector: str | None = None, limit: int = MAX_SUGGESTIONS) -> list[Occupation]:
    """The occupations that fit what is typed, best first: label, then a word of the label, then a pupil's word for it.

    Several words must all be found. Nothing for fewer than two letters.
    """
    wanted = fold(typed[:80]).split()
    if len("".join(wanted)) < 2:
        return []
    found: list[tuple[int, bool, str, Occupation]] = []
    for occupation, label, keywords in _index():
        ranks = [_rank(word, label, keywords) for word in wanted]
        if None not in ranks:
            worst = max(rank for rank in ranks if rank is not None)
            found.append((worst, occupation.sector != sector, label, occupation))
    if any(rank < _ANYWHERE for rank, *_rest in found):  # « vélo » is not what « développement » is about
        found = [item for item in found if item[0] < _ANYWHERE]
    found.sort(key=lambda item: item[:3])
    return [occupation for *_rest, occupation in found[:limit]]


# Labels of the whole ROME, each with its folded form, best known first.
Titles = Callable[[], Sequence[tuple[str, str]]]


def _no_titles() -> Sequence[tuple[str, str]]:
    return ()


_titles: Titles = _no_titles


def provide(titles: Titles) -> None:
    """`directories` keeps the national tables that were imported; the roof hands its query down once, at start-up."""
    global _titles
    _titles = titles


def suggest_titles(typed: str, *, limit: int = MAX_SUGGESTIONS) -> list[str]:
    """Occupations and titles of the whole ROME, once imported, that begin with what is typed or have words that do."""
    wanted = fold(typed[:80]).split()
    if len("".join(wanted)) < 3 or limit < 1:
        return []
    ours = {label for _occupation, label, _keywords in _index()}
    found: list[tuple[int, int, str]] = []
    for label, folded in _titles():
        ranks = [_rank(word, folded, ()) for word in wanted]
        if folded not in ours and all(rank is not None and rank < _ANYWHERE for rank in ranks):
            found.append((max(rank or 0 for rank in ranks), len(label), label))
    return [label for *_rest, label in sorted(found)[:limit]]


def _rank(word: str, label: str, keywords: tuple[str, ...]) -> int | None:
    """0 when the label starts with the word, 1 for one of its words, 2 for a keyword, 3 anywhere; None when absent."""
    if label.startswith(word):
        return 0
    if any(part.startswith(word) for part in label.replace("/", " ").replace("-", " ").split()):
        return 1
    if any(part.startswith(word) for keyword in keywords for part in keyword.split()):
        return 2
    if len(word) > 3 and (word in label or any(word in keyword for keyword in keywords)):
        return _ANYWHERE
    return None


def code_of(label: str) -> str:
    """The ROME code of an occupation written in full (or by its code), else the words themselves."""
    wanted = fold(label)
    for occupation, folded, _keywords in _index():
        if wanted in (folded, occupation.rome_code.casefold()):
            return occupation.rome_code
    return " ".join(label.split())


def label_of(code: str) -> str:
    """What to show for a stored occupation: the label of a ROME code, or the words kept as they were typed."""
    known = reference.occupations().get(code)
    return known.label if known else code
