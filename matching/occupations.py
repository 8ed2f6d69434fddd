"""ESS occupations: ROME 4.0 codes, labels and the interests they answer. Data in `data/occupations.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from matching import text
from matching.profiles import is_rome_code


@dataclass(frozen=True, slots=True)
class Occupation:
    """One ESS occupation; `interests` are ROME codes "1" to "30", the principal one first."""

    code: str
    label: str
    sector: str
    interests: tuple[str, ...]


@lru_cache(maxsize=1)
def by_code() -> Mapping[str, Occupation]:
    """Every occupation of the data file, by ROME code."""
    source = resources.files("matching").joinpath("data", "occupations.csv").read_text(encoding="utf-8")
    lines = [line for line in source.splitlines() if not line.startswith("#")]
    return {
        row["rome"]: Occupation(row["rome"], row["libelle"], row["secteur"], tuple(row["interets"].split()))
        for row in csv.DictReader(lines)
    }


@lru_cache(maxsize=1)
def _by_stems() -> Mapping[tuple[str, ...], Occupation]:
    found: dict[tuple[str, ...], Occupation] = {}
    for occupation in by_code().values():
        for form in occupation.label.split(" / "):
            found.setdefault(tuple(text.content_stems(text.tokenise(form))), occupation)
    return found


def label_of(occupation: str) -> str:
    """The label of an occupation given by label or by ROME code; an unknown code says nothing."""
    if not is_rome_code(occupation):
        return occupation
    known = by_code().get(occupation.strip().upper())
    return known.label if known else ""


@lru_cache(maxsize=20_000)
def interests_of(occupation: str) -> tuple[str, ...]:
    """ROME interests of an occupation given by label or code; empty when it is not in the data file."""
    if is_rome_code(occupation):
        known = by_code().get(occupation.strip().upper())
    else:
        known = _by_stems().get(tuple(text.content_stems(text.tokenise(occupation))))
    return known.interests if known else ()
