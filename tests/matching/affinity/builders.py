"""Small offers and pupils for the tests of the affinity."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from matching.affinity import AffinityModel
from matching.values import Offer, Place, Problem, Pupil

QUALITY = Path(__file__).parent.parent / "quality"


@lru_cache(maxsize=1)
def offers() -> tuple[Offer, ...]:
    rows = [json.loads(line) for line in (QUALITY / "offers.jsonl").read_text(encoding="utf-8").splitlines()]
    listed = [{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows]
    return tuple(sorted((Offer(**row) for row in listed), key=lambda offer: offer.id))


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    lines = (QUALITY / "pupils.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line)["text"] for line in lines)


@lru_cache(maxsize=1)
def model() -> AffinityModel:
    return AffinityModel().fit(offers())


def pupil(text: str = "", **fields: object) -> Pupil:
    return Pupil("P", text, **fields)  # type: ignore[arg-type]


def best(text: str, count: int = 5, **fields: object) -> list[str]:
    logits = model().decision_function([pupil(text, **fields)])[0]
    order = sorted(range(len(logits)), key=lambda i: (-round(float(logits[i]), 9), model().offer_ids_[i]))
    return [model().offer_ids_[i] for i in order[:count]]


def problem(size: int = 24, **changes: object) -> Problem:
    """A small territory: one week out of two, two communes, three classes."""
    placed = tuple(
        Offer(
            o.id, o.title, o.structure, o.structure_type, o.sector, o.occupations, o.description, o.work_conditions,
            host=o.structure, levels=("3e",) if n % 5 == 0 else (), site=(50.42 + 0.02 * (n % 4), 2.95),
        )
        for n, o in enumerate(offers()[:40])
    )  # fmt: skip
    pupils = tuple(
        Pupil(
            f"p{n:02}", texts()[n * 7 % len(texts())], school=f"college {n % 2}", school_class=f"3{'ABC'[n % 3]}",
            level="3e" if n % 2 else "4e", weeks=("2027-02-01",), home=(50.42, 2.95), max_km=12.0,
            wishes=(placed[n % 40].id,) if n % 3 == 0 else (), groups={"rep": str(n % 2)},
        )
        for n in range(size)
    )  # fmt: skip
    places = tuple(
        Place(f"pl{n:02}", o.id, "2027-02-01" if n % 2 else "2027-02-08", 1 + n % 2) for n, o in enumerate(placed)
    )
    base = {"pupils": pupils, "offers": placed, "places": places}
    return Problem(**(base | changes))  # type: ignore[arg-type]
