"""Finding expressions in a line of stems: what a mention is, and the trie that finds the longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matching import lexicon


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept named by tokens `first` to `last` (excluded); `sure` is 1 for a known spelling, less for a guess."""

    concept: int
    first: int
    last: int
    sure: float
    refusing: bool = False


class Trie:
    """Stem sequences to (concept, weight, refusing); the longest match wins."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, ...], list[tuple[int, float, bool]]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._singles: set[str] = set()

    def add_word(self, norm: str) -> None:
        """Remember that this very word is an expression by itself."""
        self._singles.add(norm)

    def add(self, keys: tuple[str, ...], concept: int, weight: float, refusing: bool) -> None:
        entries = self._ends.setdefault(keys, [])
        same = next((e for e in entries if e[0] == concept and e[2] == refusing), None)
        if same is None:
            entries.append((concept, weight, refusing))
        elif same[1] < weight:
            entries[entries.index(same)] = (concept, weight, refusing)
        known = self._lengths.get(keys[0], ())
        self._lengths[keys[0]] = tuple(sorted({*known, len(keys)}, reverse=True))

    def longest(self, stems: Sequence[str], norms: Sequence[str], at: int) -> tuple[int, list[tuple[int, float, bool]]]:
        found: list[tuple[int, float, bool]] = []
        for length in self._lengths.get(stems[at], ()):
            if length == 1 and norms[at] in lexicon.STOP and norms[at] not in self._singles:
                continue  # « mère » is no « mer »
            entry = self._ends.get(tuple(stems[at : at + length]))
            if entry is not None and at + length <= len(stems):
                found = entry
                break
        else:
            length = 0
        exact = self._ends.get(("=" + norms[at],))
        if exact is not None and length <= 1:
            return 1, [*found, *(e for e in exact if e not in found)]
        return (length, found) if found else (0, [])
