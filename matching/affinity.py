"""How well an offer fits what a pupil said: a scikit-learn estimator whose score is a sum, so that it explains itself.

Pupils and offers become sparse rows over the same columns, block after block (concepts, refused concepts, interests,
conditions, stems, characters); a score is the dot product of two rows, and an explanation lists the terms of that
very sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from matching import embeddings, features, text, thesaurus
from matching.profiles import OfferLike, PupilLike
from matching.reading import Reader, Reading
from matching.thesaurus import CONDITIONS, INTERESTS, Thesaurus
from matching.weights import Reason, Shape, Weights

FloatArray = NDArray[np.float64]
_CODES = {  # channel → (code of its reasons, name of what they are about)
    "concept": ("concept", "concept"),
    "refused_concept": ("avoided", "concept"),
    "interest": ("interest", "interest"),
    "liked_condition": ("condition", "condition"),
    "refused_condition": ("avoided_condition", "condition"),
    "stem": ("word", "word"),
    "refused_stem": ("avoided_word", "word"),
    "character": ("spelling", ""),
}
UNNAMED = 3.0  # how much more soft concepts count for a pupil whose words name no topic
USUAL_CLOSENESS = 0.35  # a cosine that says nothing


class AffinityModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Scores offers for pupils.

    Parameters
    ----------
    weights : Weights or None
        Channel weights; None is the hand weights.
    shape : Shape or None
        Constants of the representation.
    lexicon : Thesaurus or None
        None is the thesaurus shipped with the library.
    encoder : object with `encode(list[str]) -> (n, d) array`, or None
        Optional sentence embeddings, see `matching.embeddings`.
    """

    def __init__(
        self,
        weights: Weights | None = None,
        shape: Shape | None = None,
        lexicon: Thesaurus | None = None,
        encoder: Any = None,
    ) -> None:
        self.weights = weights
        self.shape = shape
        self.lexicon = lexicon
        self.encoder = encoder

    def fit(self, offers: Sequence[OfferLike], y: None = None) -> Self:
        """Learn vocabulary and rarity from `offers`, and keep their rows in `offer_rows_` (offers × columns)."""
        if not offers:
            raise ValueError("at least one offer is needed")
        self.thesaurus_ = self.lexicon if self.lexicon is not None else thesaurus.load()
        self.reader_ = Reader(self.thesaurus_)
        self.weights_ = self.weights or Weights()
        self.shape_ = self.shape or Shape()
        self.offer_ids_ = [offer.id for offer in offers]
        self.offer_index_ = {id_: row for row, id_ in enumerate(self.offer_ids_)}
        documents = [features.document(offer) for offer in offers]
        self.stems_ = TfidfVectorizer(analyzer=features.as_is, sublinear_tf=True)
        self.characters_ = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        stems = self.stems_.fit_transform([text.content_stems(tokens) for tokens in documents])
        characters = self.characters_.fit_transform([text.plain(tokens) for tokens in documents])
        self.stem_names_ = self.stems_.get_feature_names_out()
        about, conditions, interests = self._offer_blocks(offers)
        frequency = np.asarray((about > 0.3).sum(axis=0)).ravel()
        rarity = np.log((1.0 + len(offers)) / (1.0 + frequency)) + 1.0
        self.rarity_ = np.clip(rarity / rarity.max(), 0.2, 1.0) ** self.shape_.rarity
        self.condition_rarity_ = features.condition_rarity(conditions)
        self.offer_about_ = about
        self.offer_conditions_ = conditions
        self.offer_rows_ = self._join(
            self._pleasing(about), self._contradicting(about), interests, conditions, conditions,
            stems, characters,
        )  # fmt: skip
        self.column_names_ = [  # what each column is about: its channel, and the name its reasons give
            (channel, self._column_name(channel, place))
            for channel, block in self.slices_.items()
            for place in range(block.stop - block.start)
        ]
        self.offer_vectors_: list[FloatArray] = self._encode_offers(offers) if self.encoder is not None else []
        if self.encoder is not None:
            self.prototypes_ = embeddings.prototypes(self.thesaurus_, self.encoder)
        self.n_features_in_ = self.offer_rows_.shape[1]
        return self

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _join(
        self,
        concepts: sp.csr_matrix,
        refused: sp.csr_matrix,
        interests: sp.csr_matrix,
        liked: sp.csr_matrix,
        unliked: sp.csr_matrix,
        stems: sp.csr_matrix,
        characters: sp.csr_matrix,
        refused_stems: sp.csr_matrix | None = None,
    ) -> sp.csr_matrix:
        blocks = {
            "concept": concepts, "refused_concept": refused, "interest": interests, "liked_condition": liked,
            "refused_condition": unliked, "stem": stems,
            "refused_stem": stems if refused_stems is None else refused_stems, "character": characters,
        }  # fmt: skip
        self.slices_: dict[str, slice] = {}
        start = 0
        for name, block in blocks.items():
            self.slices_[name] = slice(start, start + block.shape[1])
            start += block.shape[1]
        return sp.hstack(list(blocks.values()), format="csr", dtype=np.float64)

    def _offer_blocks(self, offers: Sequence[OfferLike]) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
        read = [self.reader_.offer(offer) for offer in offers]
        about = features.rows([concepts for concepts, _ in read], len(self.thesaurus_))
        found = [{CONDITIONS.index(name): value for name, value in held.items()} for _, held in read]
        conditions = features.rows(found, len(CONDITIONS))
        known = features.rows(features.occupation_interests(offers), len(INTERESTS))
        guessed = (about @ self.thesaurus_.interests).minimum(1.0)
        interests = known.maximum(0.7 * guessed)
        return about, conditions, sp.csr_matrix(interests)

    def pupil_rows(self, pupils: Sequence[PupilLike]) -> sp.csr_matrix:
        """(pupils × columns), channel weights included: `pupil_rows(p) @ offer_rows_.T` are scores without bias."""
        check_is_fitted(self, "offer_rows_")
        readings = [self.reader_.pupil(pupil) for pupil in pupils]
        size = len(self.thesaurus_)
        liked, refused = [], []
        for reading in readings:
            norm = np.sqrt(sum(strength**2 for strength, _ in reading.liked.values())) or 1.0
            liked.append({concept: strength / norm for concept, (strength, _) in reading.liked.items()})
            refused.append({concept: strength for concept, (strength, _) in reading.refused.items()})
        concepts = sp.csr_matrix(features.rows(liked, size).multiply(self.rarity_))
        interests = features.rows([features.ticked(pupil.interests) for pupil in pupils], len(INTERESTS))
        likes = [features.indexed(r.liked_conditions, self.condition_rarity_) for r in readings]
        wished = features.rows(likes, len(CONDITIONS))
        unwished = features.rows([features.indexed(r.refused_conditions, None) for r in readings], len(CONDITIONS))
        stems = self.stems_.transform([r.stems for r in readings])
        unstems = self.stems_.transform([r.refused_stems for r in readings])
        characters = self.characters_.transform([r.plain for r in readings])
        slices = dict(self.slices_)
        against = features.rows(refused, size)
        rows = self._join(concepts, against, interests, wished, unwished, stems, characters, unstems)
        self.slices_ = slices
        factors = np.concatenate([np.full(s.stop - s.start, self.weights_.of(name)) for name, s in slices.items()])
        return sp.csr_matrix(rows.multiply(factors[None, :]))

    def _pleasing(self, about: sp.csr_matrix) -> sp.csr_matrix:
        """(offers × concepts): how well an offer pleases who likes a concept, by the best of its own concepts.

        A power mean of the concepts' neighbourhoods, so that an offer about many near things gets little more than
        one that is about the thing itself.
        """
        power = self.shape_.sharpness
        relations = self.thesaurus_.relations.power(power * self.shape_.neighbour_power)
        return sp.csr_matrix((about.power(power) @ relations.T).power(1.0 / power))

    def _contradicting(self, about: sp.csr_matrix) -> sp.csr_matrix:
        """(offers × concepts): how much an offer is what somebody refuses, near synonyms included."""
        relations = self.thesaurus_.relations.copy()
        relations.data[relations.data < self.shape_.refusal_floor] = 0.0
        relations.eliminate_zeros()
        power = self.shape_.sharpness
        return sp.csr_matrix((about.power(power) @ relations.power(power).T).power(1.0 / power))

    # -- scores ------------------------------------------------------------------------------------------------------

    def decision_function(self, pupils: Sequence[PupilLike], offers: NDArray[np.intp] | None = None) -> FloatArray:
        """(pupils × offers) log-odds of a good fit; `offers` chooses rows of the fitted offers."""
        check_is_fitted(self, "offer_rows_")
        columns = np.arange(len(self.offer_ids_)) if offers is None else offers
        return self.scores_of(self.pupil_rows(pupils), self.offer_rows_[columns].T, pupils, columns)

    def scores_of(
        self, rows: sp.csr_matrix, transposed: sp.spmatrix, pupils: Sequence[PupilLike], columns: NDArray[np.intp]
    ) -> FloatArray:
        """`decision_function` with the rows of pupils and the transposed rows of offers already at hand."""
        scores = np.asarray((rows @ transposed).todense(), dtype=np.float64)
        if self.encoder is not None:
            for channel, values in self.meanings(pupils, columns).items():
                scores += self.weights_.of(channel) * values
        return scores + self.weights_.bias

    def predict_proba(self, pupils: Sequence[PupilLike], offers: NDArray[np.intp] | None = None) -> FloatArray:
        """(pupils × offers) scores in [0, 1]."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.decision_function(pupils, offers))))

    def is_abstaining(self, pupil: PupilLike) -> bool:
        """True when nothing was said or ticked that a ranking could stand on: « à voir avec toi »."""
        reading = self.reader_.pupil(pupil)
        if not reading.is_empty or pupil.interests:
            return False
        known = self.stems_.vocabulary_
        return not any(stem in known for stem in reading.stems)

    def ledger(self, pupil: PupilLike, offer_id: str, least: float = 0.02) -> tuple[Reason, ...]:
        """The terms of the pair's score, biggest first; their sum plus the bias is the decision function."""
        check_is_fitted(self, "offer_rows_")
        return self.ledgers(pupil, np.array([self.offer_index_[offer_id]], dtype=np.intp), least)[0]

    def ledgers(self, pupil: PupilLike, columns: NDArray[np.intp], least: float = 0.02) -> list[tuple[Reason, ...]]:
        """`ledger` for several fitted offers; terms below `least` in size are summed up as « rest »."""
        reading = self.reader_.pupil(pupil)
        terms = sp.csr_matrix(self.offer_rows_[columns].multiply(self.pupil_rows([pupil])))
        meanings = self.meanings([pupil], columns) if self.encoder is not None else {}
        places, weights, ends = terms.indices.tolist(), terms.data.tolist(), terms.indptr.tolist()
        found = []
        for row in range(len(columns)):
            part = slice(ends[row], ends[row + 1])
            sums: dict[tuple[str, str], float] = {}
            for place, weight in zip(places[part], weights[part], strict=True):
                about = self.column_names_[place]
                sums[about] = sums.get(about, 0.0) + weight
            for channel, values in meanings.items():
                sums[channel, ""] = self.weights_.of(channel) * float(values[0, row])
            small = [weight for weight in sums.values() if abs(weight) < least]
            kept = [self._reason(reading, *about, weight) for about, weight in sums.items() if abs(weight) >= least]
            if small:
                kept.append(Reason("rest", {"terms": len(small)}, float(sum(small))))
            found.append(tuple(sorted(kept, key=lambda r: (-abs(r.weight), r.code, str(sorted(r.values.items()))))))
        return found

    def _column_name(self, channel: str, place: int) -> str:
        if channel in ("concept", "refused_concept"):
            return self.thesaurus_.concepts[place].id
        if channel == "interest":
            return INTERESTS[place]
        if channel in ("liked_condition", "refused_condition"):
            return CONDITIONS[place]
        if channel == "character":
            return ""  # all n-grams are one reason
        return str(self.stem_names_[place])

    def _reason(self, reading: Reading, channel: str, name: str, weight: float) -> Reason:
        if channel not in _CODES:  # embeddings
            value = weight / (self.weights_.of(channel) or 1.0)
            return Reason("meaning", {"channel": channel, "value": round(value, 3)}, weight)
        code, key = _CODES[channel]
        values: dict[str, str | int | float] = {key: name} if key else {}
        words = ""
        if key == "concept":
            place = self.thesaurus_.index[name]
            values["label"] = self.thesaurus_.concepts[place].label
            words = (reading.liked if channel == "concept" else reading.refused)[place][1]
        elif key == "condition":
            words = (reading.liked_conditions if channel == "liked_condition" else reading.refused_conditions)[name][1]
        if words:
            values["words"] = words
        return Reason(code, values, weight)

    # -- embeddings --------------------------------------------------------------------------------------------------

    def _encode_offers(self, offers: Sequence[OfferLike]) -> list[FloatArray]:
        chunks = [features.chunks(offer) for offer in offers]
        flat = self.encoder.encode([chunk for group in chunks for chunk in group])
        ends = np.cumsum([len(group) for group in chunks])
        return np.split(np.asarray(flat, dtype=np.float64), ends[:-1])

    def meanings(self, pupils: Sequence[PupilLike], columns: NDArray[np.intp]) -> dict[str, FloatArray]:
        """Channel → (pupils × offers) values of the embeddings, 0 for pupils who said nothing.

        `embedding`: cosine of what is liked to the closest chunk of the offer, less its usual value. `soft_concept`:
        the fit of the concepts closest in meaning; three times as much for a pupil whose words name no topic.
        """
        names = ("embedding", "soft_concept")
        found = {name: np.zeros((len(pupils), len(columns))) for name in names}
        readings = [self.reader_.pupil(pupil) for pupil in pupils]
        spoken = [row for row, reading in enumerate(readings) if reading.sayings]
        if not spoken or not len(columns):
            return found
        texts = np.asarray(self.encoder.encode([" . ".join(readings[row].sayings) for row in spoken]))
        groups = [self.offer_vectors_[column] for column in columns]
        starts = np.concatenate(([0], np.cumsum([len(group) for group in groups])[:-1]))
        best = np.maximum.reduceat(texts @ np.vstack(groups).T, starts, axis=1)
        fit = self.offer_rows_[columns][:, self.slices_["concept"]].toarray()
        soft = embeddings.soft_concepts(texts, self.prototypes_)
        for place, row in enumerate(spoken):  # embeddings do not hear « pas »
            soft[place, self._unwanted(readings[row])] = 0.0
        soft = soft @ fit.T
        need = np.array([1.0 if self.reader_.has_topic(readings[row]) else UNNAMED for row in spoken])
        found["embedding"][spoken] = best - USUAL_CLOSENESS
        found["soft_concept"][spoken] = need[:, None] * soft
        return found

    def _unwanted(self, reading: Reading) -> list[int]:
        """Concepts refused, near synonyms included."""
        relations = self.thesaurus_.relations
        near = [relations[concept] for concept in reading.refused]
        return sorted({int(c) for row in near for c in row.indices[row.data >= self.shape_.refusal_floor]})

    def with_weights(self, **changes: float) -> AffinityModel:
        """A fitted copy with other channel weights (the rows of offers do not depend on them)."""
        check_is_fitted(self, "offer_rows_")
        copy = AffinityModel(replace(self.weights_, **changes), self.shape, self.lexicon, self.encoder)
        for name, value in vars(self).items():
            if name.endswith("_") and name != "weights_":
                setattr(copy, name, value)
        copy.weights_ = replace(self.weights_, **changes)
        return copy

    def parameters(self) -> dict[str, float]:
        """Everything a run must record to be replayed: channel weights and constants."""
        return {**asdict(self.weights or Weights()), **asdict(self.shape or Shape())}
