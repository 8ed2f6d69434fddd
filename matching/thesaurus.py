"""The thesaurus: what pupils and offers talk about, in the words of both. Data in `data/thesaurus.csv`.

A concept has the expressions by which pupils name it, those by which offers name it, its neighbours (what else would
please), the working conditions it brings and the ROME interests it answers. Expressions are matched on stems, longest
first; a word nobody knows is looked up by its sound, then by one or two wrong letters.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
import scipy.sparse as sp

from matching import lexicon, text
from matching.lookup import Mention, Trie
from matching.text import Token

CONDITIONS: tuple[str, ...] = (
    "dehors", "dedans", "debout", "calme", "bruit", "equipe", "public", "enfants", "personnes_fragiles", "animaux",
    "manuel", "physique", "ordi", "salete_odeurs", "conduite_deplacements", "sang_soin",
)  # fmt: skip
INTERESTS: tuple[str, ...] = tuple(str(number) for number in range(1, 31))
_ARTICLES = "de d du des le la les l un une au aux a en ce cette ces"
_OWNERS = "mon ma mes ton ta tes son sa ses notre nos leur leurs"
_LIGHT = frozenset((*_ARTICLES.split(), *_OWNERS.split()))
_COLUMNS = (
    "concept", "libelle", "famille", "eleve", "offre", "refus", "voisins", "contraires", "conditions", "interets",
)  # fmt: skip
Side = Literal["pupil", "offer"]


class ThesaurusError(ValueError):
    """A line of the data file that cannot be read; the message names the line and the column."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of the data file."""

    id: str
    label: str
    family: str
    pupil: tuple[str, ...]
    offer: tuple[str, ...]
    refusing: tuple[str, ...]
    neighbours: Mapping[str, float]
    opposites: Mapping[str, float]
    conditions: Mapping[str, float]
    interests: Mapping[str, float]


class Thesaurus:
    """Concepts in the order of the data file, and the readers built on them."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: tuple[Concept, ...] = tuple(concepts)
        self.index: dict[str, int] = {concept.id: number for number, concept in enumerate(self.concepts)}
        self._tries: dict[Side, Trie] = {"pupil": Trie(), "offer": Trie()}
        self._spellings: dict[str, str] = {}
        self._phrases: dict[Side, dict[str, list[tuple[tuple[str, ...], int, float]]]] = {"pupil": {}, "offer": {}}
        self._corrections: dict[str, tuple[str, str, float] | None] = {}
        for number, concept in enumerate(self.concepts):
            for expression in (concept.label, *concept.pupil):
                self._learn("pupil", expression, number, refusing=False)
            for expression in concept.refusing:
                self._learn("pupil", expression, number, refusing=True)
            for expression in concept.offer:
                self._learn("offer", expression, number, refusing=False)
                self._learn("pupil", expression, number, refusing=False, factor=0.8)
            for expression in concept.pupil:
                self._learn("offer", expression, number, refusing=False, factor=0.7)
            self._learn("offer", concept.label, number, refusing=False)
        self._by_sound: dict[str, list[str]] = {}
        self._by_size: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._spellings):
            if len(word) >= 4:
                self._by_sound.setdefault(text.sound(word), []).append(word)
                self._by_size.setdefault((word[0], len(word)), []).append(word)

    def __len__(self) -> int:
        return len(self.concepts)

    def _learn(self, side: Side, expression: str, concept: int, *, refusing: bool, factor: float = 1.0) -> None:
        body, weight = _weighted(expression)
        if body.startswith("="):
            norms = tuple(t.norm for t in text.tokenise(body[1:]))
            if len(norms) > 1:
                self._phrases[side].setdefault(norms[0], []).append((norms, concept, round(weight * factor, 3)))
                return
            norm = norms[0]
            self._tries[side].add(("=" + norm,), concept, round(weight * factor, 3), refusing)
            self._spellings.setdefault(norm, text.stem(norm))
            return
        tokens = [t for t in text.tokenise(body) if not t.is_break]
        kept = [t for t in tokens if t.norm not in _LIGHT] or tokens
        if not kept:
            raise ThesaurusError(f"concept {self.concepts[concept].id}: empty expression {expression!r}")
        if len(kept) == 1:
            self._tries[side].add_word(kept[0].norm)
        for token in kept:
            self._spellings.setdefault(token.norm, token.stem)
        self._tries[side].add(tuple(t.stem for t in kept), concept, round(weight * factor, 3), refusing)

    def mentions(self, tokens: Sequence[Token], side: Side) -> list[Mention]:
        """Concepts named in `tokens`, in reading order; spelling is guessed for pupils only."""
        trie = self._tries[side]
        places = [i for i, t in enumerate(tokens) if t.norm not in _LIGHT]
        norms: list[str] = []
        stems: list[str] = []
        sure: list[float] = []
        for place in places:
            token = tokens[place]
            corrected = self._corrected(token) if side == "pupil" else None
            norms.append(corrected[0] if corrected else token.norm)
            stems.append(corrected[1] if corrected else token.stem)
            sure.append(corrected[2] if corrected else 1.0)
        found: list[Mention] = []
        at = 0
        while at < len(places):
            length, entries = trie.longest(stems, norms, at)
            if not entries:
                at += 1
                continue
            trust = min(sure[at : at + length])
            last = places[at + length - 1] + 1
            found.extend(
                Mention(concept, places[at], last, round(weight * trust, 3), refusing)
                for concept, weight, refusing in entries
            )
            at += length
        return [*found, *self._exact_phrases(tokens, side, found)]

    def _exact_phrases(self, tokens: Sequence[Token], side: Side, found: Sequence[Mention]) -> list[Mention]:
        """Concepts written as an exact phrase (« les vieux ») that no noun follows and no mention covers."""
        taken = {i for mention in found for i in range(mention.first, mention.last)}
        phrases: list[Mention] = []
        for at, token in enumerate(tokens):
            for norms, concept, weight in self._phrases[side].get(token.norm, ()):
                end = at + len(norms)
                if tuple(t.norm for t in tokens[at:end]) != norms or taken & set(range(at, end)):
                    continue
                if end == len(tokens) or tokens[end].is_break or tokens[end].norm in lexicon.STOP:
                    phrases.append(Mention(concept, at, end, weight))
        return phrases

    def _corrected(self, token: Token) -> tuple[str, str, float] | None:
        """The known word that an unknown one most likely stands for: (word, stem, trust), or None."""
        norm = token.norm
        if norm in self._corrections:
            return self._corrections[norm]
        result = None
        if (
            len(norm) >= 4
            and norm.isalpha()
            and norm not in self._spellings
            and token.stem not in self._stems
            and norm not in lexicon.STOP
            and norm not in self._plain_words
        ):
            result = self._guess(norm)
        self._corrections[norm] = result
        return result

    def _guess(self, norm: str) -> tuple[str, str, float] | None:
        key = text.sound(norm)
        heard = [w for w in self._by_sound.get(key, ()) if len(key) >= 4 and text.near(norm, w, _slack(norm))]
        if heard:
            best = min(heard, key=lambda word: (abs(len(word) - len(norm)), word))
            return best, self._spellings[best], 0.9
        limit = 2 if len(norm) >= 10 else 1
        if len(norm) < 6:
            return None
        sizes = range(len(norm) - limit, len(norm) + limit + 1)
        close = [w for size in sizes for w in self._by_size.get((norm[0], size), ()) if text.near(norm, w, limit)]
        close = [w for w in close if w[:3] == norm[:3] or w[-3:] == norm[-3:]]
        if not close:
            return None
        best = min(close, key=lambda word: (not text.near(norm, word, 1), abs(len(word) - len(norm)), word))
        return best, self._spellings[best], 0.75

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(self._spellings.values())

    @cached_property
    def _plain_words(self) -> frozenset[str]:
        lines = [line for line in _data_text("plain_words.txt").splitlines() if not line.startswith("#")]
        return frozenset(text.strip_accents(word) for line in lines for word in line.split())

    @cached_property
    def relations(self) -> sp.csr_matrix:
        """(concepts × concepts): how well an offer about column pleases a pupil who likes row; 1 on the diagonal."""
        size = len(self.concepts)
        matrix = sp.lil_matrix((size, size))
        for row, concept in enumerate(self.concepts):
            for name, weight in concept.neighbours.items():
                matrix[row, self.index[name]] = weight
            matrix[row, row] = 1.0
        return matrix.tocsr()

    @cached_property
    def conditions(self) -> sp.csr_matrix:
        """(concepts × 16): the working conditions that work on a concept brings."""
        return _table([concept.conditions for concept in self.concepts], CONDITIONS)

    @cached_property
    def interests(self) -> sp.csr_matrix:
        """(concepts × 30): the ROME interests that a concept answers."""
        return _table([concept.interests for concept in self.concepts], INTERESTS)


def _slack(norm: str) -> int:
    """How far a word that sounds right may be written: « k » and « w » are signs of writing by ear."""
    return 5 if any(c in "kw" for c in norm) else 2


def _table(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> sp.csr_matrix:
    dense = np.array([[row.get(name, 0.0) for name in names] for row in rows], dtype=np.float64)
    return sp.csr_matrix(dense.reshape(len(rows), len(names)))


def _weighted(expression: str) -> tuple[str, float]:
    body, mark, weight = expression.rpartition(":")
    return (body, float(weight)) if mark and weight.replace(".", "", 1).isdigit() else (expression, 1.0)


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _weights(cell: str) -> dict[str, float]:
    return dict(_weighted(part) for part in cell.split())


def _data_text(name: str) -> str:
    return resources.files("matching").joinpath("data", name).read_text(encoding="utf-8")


def parse(source: str) -> Thesaurus:
    """A thesaurus from CSV text (see `docs/affinity.md`).

    Raises ThesaurusError naming the line for a wrong header, a repeated concept, an unknown neighbour, condition or
    interest, or a weight outside ]0, 1].
    """
    lines = source.splitlines()
    skipped = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = csv.DictReader(lines[skipped:])
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise ThesaurusError(f"line {skipped + 1}: columns must be {', '.join(_COLUMNS)}")
    concepts: list[Concept] = []
    places: dict[str, int] = {}
    for row in reader:
        line = skipped + reader.line_num
        if None in row or None in row.values():
            raise ThesaurusError(f"line {line}: {len(_COLUMNS)} columns expected")
        if row["concept"] in places:
            raise ThesaurusError(f"line {line}: concept {row['concept']} is already on line {places[row['concept']]}")
        places[row["concept"]] = line
        concepts.append(
            Concept(
                row["concept"], row["libelle"], row["famille"], _list(row["eleve"]), _list(row["offre"]),
                _list(row["refus"]), _weights(row["voisins"]), _weights(row["contraires"]),
                _weights(row["conditions"]), _weights(row["interets"]),
            )
        )  # fmt: skip
    for concept in concepts:
        allowed = (
            ("voisins", concept.neighbours, places.keys()),
            ("contraires", concept.opposites, places.keys()),
            ("conditions", concept.conditions, CONDITIONS),
            ("interets", concept.interests, INTERESTS),
        )
        for column, weights, names in allowed:
            for name, weight in weights.items():
                if name not in names:
                    raise ThesaurusError(f"line {places[concept.id]}: column {column}: {name!r} is unknown")
                if not 0 < weight <= 1:
                    raise ThesaurusError(f"line {places[concept.id]}: column {column}: {name} must be in ]0, 1]")
    return Thesaurus(concepts)


@lru_cache(maxsize=4)
def load(path: Path | None = None) -> Thesaurus:
    """The thesaurus shipped with the library, or the one at `path`."""
    return parse(path.read_text(encoding="utf-8") if path else _data_text("thesaurus.csv"))
