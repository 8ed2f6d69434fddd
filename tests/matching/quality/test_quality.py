"""The affinity on the frozen development set. Thresholds are a little under what was measured (docs/affinity.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching import embeddings
from matching.affinity import AffinityModel
from matching.values import Offer, Pupil

HERE = Path(__file__).parent
SHARED = Path(__file__).parents[4] / "shared" / "data" / "quality"
needs_embeddings = pytest.mark.skipif(not embeddings.is_available(), reason=embeddings.ADVICE)


def read(folder: Path, pupils: str) -> tuple[list[Offer], list[dict[str, Any]]]:
    rows = [json.loads(line) for line in (folder / "offers.jsonl").read_text(encoding="utf-8").splitlines()]
    offers = [Offer(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}) for row in rows]
    lines = (folder / pupils).read_text(encoding="utf-8").splitlines()
    return sorted(offers, key=lambda offer: offer.id), [json.loads(line) for line in lines]


def gain(grades: list[int]) -> float:
    return float(sum((2**grade - 1) / np.log2(place + 2) for place, grade in enumerate(grades)))


def measured(offers: list[Offer], cases: list[dict[str, Any]], encoder: Any = None) -> tuple[float, float]:
    """nDCG@5 (gains 2^grade - 1), and the share of texts with a refusal that have a refused offer in the top five."""
    model = AffinityModel(encoder=encoder).fit(offers)
    scores = np.round(model.decision_function([Pupil(case["id"], case["text"]) for case in cases]), 9)
    quality, refused = [], []
    for row, case in enumerate(cases):
        top = [offers[column].id for column in np.argsort(-scores[row], kind="stable")[:5]]
        if case["grades"]:
            ideal = gain(sorted(case["grades"].values(), reverse=True)[:5])
            quality.append(gain([case["grades"].get(offer, 0) for offer in top]) / ideal)
        if case["neg"]:
            refused.append(any(offer in case["neg"] for offer in top))
    return float(np.mean(quality)) if quality else 0.0, float(np.mean(refused))


@pytest.mark.parametrize("ticked", [True, False])
def test_quality_without_embeddings(ticked: bool) -> None:
    offers, cases = read(HERE, "pupils.jsonl")
    quality, refused = measured(offers if ticked else [replace(o, work_conditions=()) for o in offers], cases)
    assert quality >= 0.77
    assert refused <= 0.08


@needs_embeddings
def test_quality_with_embeddings() -> None:
    offers, cases = read(HERE, "pupils.jsonl")
    quality, refused = measured(offers, cases, embeddings.encoder())
    assert quality >= 0.79
    assert refused <= 0.16


@pytest.mark.parametrize("encoded", [False, pytest.param(True, marks=needs_embeddings)])
def test_quality_on_other_offers_that_tick_nothing(encoded: bool) -> None:
    encoder = embeddings.encoder() if encoded else None
    offers, cases = read(HERE / "second", "pupils.jsonl")
    quality, refused = measured(offers, cases, encoder)
    assert quality >= (0.79 if encoded else 0.76)
    assert refused <= 0.12
    _, refused = measured(*read(HERE / "second", "refusals.jsonl"), encoder)
    assert refused <= 0.12


@pytest.mark.skipif(not SHARED.exists(), reason="the graded examples of ../shared are absent")
def test_quality_on_the_thirty_held_out_texts() -> None:
    offers, cases = read(SHARED, "students_dev.jsonl")
    quality, refused = measured(offers, cases)
    assert quality >= 0.84
    assert refused <= 0.34


def test_it_abstains_on_empty_texts_and_on_them_only() -> None:
    offers, cases = read(HERE, "pupils.jsonl")
    model = AffinityModel().fit(offers)
    wrong = [c["text"] for c in cases if model.is_abstaining(Pupil("x", c["text"])) != ("empty" in c["kinds"])]
    assert wrong == []
