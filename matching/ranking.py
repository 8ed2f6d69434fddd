"""`python -m matching rank`: offers for pupils, from JSONL to JSONL."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching import embeddings
from matching.affinity import AffinityModel
from matching.candidates import best_rows
from matching.profiles import ProfileError, read_offers, read_pupils
from matching.values import Offer, Pupil
from matching.weights import Reason

CHUNK = 512
REASONS_SHOWN = 10


def add_parser(subparsers: Any) -> None:
    """Register `rank`."""
    parser = subparsers.add_parser("rank", help="rank offers for each pupil", description=__doc__)
    parser.add_argument("--students", type=Path, required=True, help="JSONL: id, text, interests, likes, avoids")
    parser.add_argument("--offers", type=Path, required=True, help="JSONL: id, title, structure, sector, occupations…")
    parser.add_argument("--top", type=int, default=None, help="offers kept for each pupil (all by default)")
    parser.add_argument("--no-embeddings", action="store_true", help="do without the extra passerelle-ess[embeddings]")
    parser.add_argument("--out", type=Path, required=True, help="JSONL: student, offers, scores, reasons, abstained")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Rank; returns the exit code (2 for input that cannot be read)."""
    if arguments.top is not None and arguments.top < 1:
        return _refuse("--top must be at least 1")
    try:
        pupils = read_pupils(arguments.students)
        offers = read_offers(arguments.offers)
    except (ProfileError, OSError) as error:
        return _refuse(str(error))
    if not offers:
        return _refuse(f"{arguments.offers}: no offer")
    encoder = None
    if not arguments.no_embeddings:
        if embeddings.is_available():
            encoder = embeddings.encoder()
        else:
            sys.stderr.write(f"note: {embeddings.ADVICE}\n")
    ordered = sorted(offers, key=lambda offer: offer.id)
    model = AffinityModel(encoder=encoder).fit(ordered)
    with arguments.out.open("w", encoding="utf-8") as stream:
        for line in rank(model, pupils, ordered, arguments.top):
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


def rank(
    model: AffinityModel, pupils: Sequence[Pupil], offers: Sequence[Offer], top: int | None = None
) -> Iterator[dict[str, Any]]:
    """One result a pupil, in the order given: offers best first, scores in [0, 1], terms of each score."""
    columns = np.arange(len(offers))
    for start in range(0, len(pupils), CHUNK):
        chunk = pupils[start : start + CHUNK]
        logits = model.decision_function(chunk, columns)
        best = best_rows(logits, len(offers) if top is None else top)
        for row, pupil in enumerate(chunk):
            chosen = best[row]
            scores = 1.0 / (1.0 + np.exp(-logits[row, chosen]))
            yield {
                "student": pupil.id,
                "offers": [offers[column].id for column in chosen],
                "scores": [round(float(score), 6) for score in scores],
                "reasons": [[_shown(r) for r in terms[:REASONS_SHOWN]] for terms in model.ledgers(pupil, chosen)],
                "abstained": model.is_abstaining(pupil),
            }


def _shown(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, **reason.values, "weight": round(reason.weight, 4)}


def _refuse(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 2
