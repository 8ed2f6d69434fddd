"""From texts to concepts: what a pupil likes and refuses, what an offer is about."""

from __future__ import annotations

from dataclasses import dataclass, field

from matching import features, lexicon, occupations, refusals, text
from matching.profiles import OfferLike, PupilLike
from matching.text import Token
from matching.thesaurus import CONDITIONS, Thesaurus

# How much a concept named in a field of an offer says of the offer.
FIELD_TRUST = {
    "title": 0.75, "occupations": 0.6, "sector": 0.5, "structure_type": 0.4, "structure": 0.35, "description": 0.3,
}  # fmt: skip
# A refused topic is also a refused condition when it *is* that condition (weight 1 in the data file).
IDENTITY = 1.0
CONDITION_BESIDE_TOPIC = 0.5
SAID_AGAIN, SAID_AT_MOST = 0.25, 1.5  # a concept named twice, in other words
TICKED_REFUSAL = 1.8  # a ticked box is surer than words


@dataclass(slots=True)
class Reading:
    """What a pupil said. Values are (strength in ]0, 1], the pupil's own words)."""

    liked: dict[int, tuple[float, str]] = field(default_factory=dict)
    refused: dict[int, tuple[float, str]] = field(default_factory=dict)
    liked_conditions: dict[str, tuple[float, str]] = field(default_factory=dict)
    refused_conditions: dict[str, tuple[float, str]] = field(default_factory=dict)
    stems: tuple[str, ...] = ()
    refused_stems: tuple[str, ...] = ()
    plain: str = ""
    sayings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was said that a ranking could stand on (unknown words may still match an offer's)."""
        return not (self.liked or self.refused or self.liked_conditions or self.refused_conditions)


def _keep(into: dict[int, tuple[float, str]], key: int, strength: float, words: str) -> None:
    """Keep the strongest words for a concept; other words for it make it a little stronger."""
    known, said = into.get(key, (0.0, ""))
    if words in said:
        return
    total = min(max(known, strength) + SAID_AGAIN * min(known, strength), SAID_AT_MOST)
    into[key] = (round(total, 3), f"{said}, {words}" if said else words)


def _keep_condition(into: dict[str, tuple[float, str]], key: str, strength: float, words: str) -> None:
    if strength > into.get(key, (0.0, ""))[0]:
        into[key] = (strength, words)


class Reader:
    """Reads pupils and offers with one thesaurus; texts already read are remembered."""

    def __init__(self, thesaurus: Thesaurus) -> None:
        self.thesaurus = thesaurus
        self._read: dict[tuple[str, str], Reading] = {}
        self._named: dict[str, dict[int, float]] = {}

    def pupil(self, pupil: PupilLike) -> Reading:
        """All that a pupil said, ticked conditions included (interests are read by `affinity`)."""
        said = (pupil.text, pupil.avoid_text)
        if (base := self._read.get(said)) is None:
            base = self._read[said] = self._said(*said)
        if not pupil.likes and not pupil.avoids:
            return base
        liked = {**base.liked_conditions, **dict.fromkeys(pupil.likes, (1.0, ""))}
        refused = {**base.refused_conditions, **dict.fromkeys(pupil.avoids, (TICKED_REFUSAL, ""))}
        return Reading(
            base.liked, base.refused, liked, refused, base.stems, base.refused_stems, base.plain, base.sayings
        )

    def has_topic(self, reading: Reading) -> bool:
        """Whether a pupil's words name something else than working conditions."""
        concepts = self.thesaurus.concepts
        return any(concepts[liked].family != "condition" for liked in reading.liked)

    def _said(self, said: str, avoided: str) -> Reading:
        reading = Reading()
        self._take(reading, said, all_refused=False)
        if avoided.strip():
            self._take(reading, avoided, all_refused=True)
        self._weigh(reading)
        for concept in [c for c in reading.refused if c in reading.liked]:
            # Both liked and refused (« les animaux mais pas les chevaux »): the refusal of the same thing wins.
            if reading.refused[concept][0] >= reading.liked[concept][0]:
                del reading.liked[concept]
            else:
                del reading.refused[concept]
        self._reconcile(reading)
        return reading

    def _reconcile(self, reading: Reading) -> None:
        """« Phobie des chiens, les chevaux ça va »: what is liked keeps open the conditions it cannot go without."""
        concepts = self.thesaurus.concepts
        for liked, (strength, _) in reading.liked.items():
            if concepts[liked].family != "condition" and strength >= 1.0:
                for name, weight in concepts[liked].conditions.items():
                    if weight >= IDENTITY:
                        reading.refused_conditions.pop(name, None)

    def _weigh(self, reading: Reading) -> None:
        """What is refused says what would please instead; a working condition says less than a topic beside it."""
        concepts = self.thesaurus.concepts
        for refused, (strength, words) in list(reading.refused.items()):
            for name, weight in concepts[refused].opposites.items():
                if self.thesaurus.index[name] not in reading.refused:
                    _keep(reading.liked, self.thesaurus.index[name], strength * weight, words)
        if self.has_topic(reading):
            for liked, (strength, words) in reading.liked.items():
                if concepts[liked].family == "condition":
                    reading.liked[liked] = (strength * CONDITION_BESIDE_TOPIC, words)

    def _take(self, reading: Reading, said: str, *, all_refused: bool) -> None:
        tokens = text.tokenise(said)
        mentions = self.thesaurus.mentions(tokens, "pupil")
        topics = {i for m in mentions for i in range(m.first, m.last)}
        signs, shielded = refusals.polarities(tokens, topics)
        if all_refused and not any(sign < 0 for sign in signs):
            signs = [-1.0] * len(tokens)
        for mention in mentions:
            words = said[tokens[mention.first].start : tokens[mention.last - 1].end]
            sign = signs[mention.last - 1]
            if any(tokens[i].norm in lexicon.ILLS for i in range(mention.first, mention.last)):
                sign = abs(sign)
            if sign == 0 or (mention.refusing and mention.last - 1 in shielded):
                continue
            if mention.refusing:
                sign = -1.0
            strength = mention.sure * abs(sign)
            concept = self.thesaurus.concepts[mention.concept]
            _keep(reading.liked if sign > 0 else reading.refused, mention.concept, strength, words)
            conditions = reading.liked_conditions if sign > 0 else reading.refused_conditions
            for name, weight in concept.conditions.items():
                if weight >= IDENTITY or (concept.family == "condition" and weight >= 0.5):
                    _keep_condition(conditions, name, strength * weight, words)
        kept = tuple(t for t, sign in zip(tokens, signs, strict=True) if sign > 0)
        dropped = tuple(t for t, sign in zip(tokens, signs, strict=True) if sign < 0)
        reading.stems += tuple(text.content_stems(kept))
        reading.refused_stems += tuple(text.content_stems(dropped))
        reading.plain = f"{reading.plain} {text.plain(kept)}".strip()
        reading.sayings += _sayings(said, tokens, signs)

    def offer(self, offer: OfferLike) -> tuple[dict[int, float], dict[str, float]]:
        """What an offer is about: concept → strength, and working conditions → strength, both in ]0, 1]."""
        missing: dict[int, float] = {}
        labels = " . ".join(occupations.label_of(label) for label in offer.occupations)
        fields = (
            ("title", offer.title), ("occupations", labels), ("sector", offer.sector), ("structure", offer.structure),
            ("structure_type", offer.structure_type), ("description", offer.description),
        )  # fmt: skip
        for name, content in fields:
            for concept, weight in self._in_offer(content).items():
                missing[concept] = missing.get(concept, 1.0) * (1.0 - FIELD_TRUST[name] * weight)
        about = {concept: 1.0 - rest for concept, rest in missing.items()}
        conditions: dict[str, float] = {}
        ticked = set(offer.work_conditions)
        for concept, strength in about.items():
            for name, weight in self.thesaurus.concepts[concept].conditions.items():
                guess = strength * weight * (0.5 if ticked else 1.0)
                if strength >= 0.3 and guess > conditions.get(name, 0.0):
                    conditions[name] = min(guess, 1.0)
        conditions.update({name: 1.0 for name in CONDITIONS if name in ticked})
        return about, {name: value for name, value in conditions.items() if value >= 0.15}

    def _in_offer(self, content: str) -> dict[int, float]:
        if (found := self._named.get(content)) is None:
            found = self._named[content] = self._named_in_offer(content)
        return found

    def _named_in_offer(self, content: str) -> dict[int, float]:
        tokens = features.tokens_of(content)
        mentions = self.thesaurus.mentions(tokens, "offer")
        signs, _ = refusals.polarities(tokens, {i for m in mentions for i in range(m.first, m.last)})
        missing: dict[int, float] = {}
        seen: set[tuple[int, tuple[str, ...]]] = set()
        for mention in mentions:
            said = (mention.concept, tuple(t.stem for t in tokens[mention.first : mention.last]))
            if signs[mention.last - 1] < 0 or mention.refusing or said in seen:
                continue
            seen.add(said)
            missing[mention.concept] = missing.get(mention.concept, 1.0) * (1.0 - 0.95 * mention.sure)
        return {concept: 1.0 - rest for concept, rest in missing.items()}


def _sayings(said: str, tokens: tuple[Token, ...], signs: list[float]) -> tuple[str, ...]:
    """The liked stretches of a text, as written, for sentence embeddings."""
    stretches: list[tuple[int, int]] = []
    for token, sign in zip(tokens, signs, strict=True):
        if sign <= 0 or token.is_strong_break:
            stretches.append((-1, -1))
        elif stretches and stretches[-1][0] >= 0:
            stretches[-1] = (stretches[-1][0], token.end)
        else:
            stretches.append((token.start, token.end))
    return tuple(said[a:b] for a, b in stretches if b - a > 2)
