"""Rows of the interchange: a JSON object in, a value of `problem.py` out, or a `MarketError` that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching import fields
from matching.problem import (
    Assignment,
    Equity,
    Host,
    Limit,
    MarketError,
    ObjectiveValue,
    Optimality,
    Pair,
    Path,
    Slot,
    Stage,
    Student,
    TierValue,
    Together,
    Unplaced,
)

# --- rows of a market ---------------------------------------------------------------------------------------------

_STUDENT = {"id": True, "groups": False, "priority": False, "firmness": False}
_SLOT = {
    "id": True,
    "offer": True,
    "host": True,
    "week": True,
    "capacity": True,
    "minimum": False,
    "sector": False,
    "commune": False,
}
_PAIR = {"student": True, "slot": True, "affinity": False, "rank": False, "acceptable": False}


def student(row: Any, path: Path) -> Student:
    row = fields.mapping(row, path, _STUDENT)
    groups = fields.mapping(row.get("groups", {}), (*path, "groups"), None)
    return Student(
        fields.name(row["id"], (*path, "id")),
        {k: fields.name(v, (*path, "groups", k)) for k, v in sorted(groups.items()) if v is not None},
        fields.whole(row.get("priority", 0), (*path, "priority")),
        fields.whole(row.get("firmness", 0), (*path, "firmness")),
    )


def slot(row: Any, path: Path) -> Slot:
    row = fields.mapping(row, path, _SLOT)
    name, offer, host, week = (fields.name(row[k], (*path, k)) for k in ("id", "offer", "host", "week"))
    return Slot(
        name,
        offer,
        host,
        week,
        capacity=fields.whole(row["capacity"], (*path, "capacity")),
        minimum=fields.whole(row.get("minimum", 0), (*path, "minimum")),
        sector=fields.name(row.get("sector", ""), (*path, "sector"), empty=True),
        commune=fields.name(row.get("commune", ""), (*path, "commune"), empty=True),
    )


def host(row: Any, path: Path) -> Host:
    row = fields.mapping(row, path, {"id": True, "capacity": False, "weekly_capacity": False})
    capacity, weekly = row.get("capacity"), row.get("weekly_capacity")
    if isinstance(capacity, Mapping):
        if weekly is not None:
            raise MarketError("a capacity by week is given twice", (*path, "weekly_capacity"))
        capacity, weekly = None, by_week(capacity, (*path, "capacity"))
    elif isinstance(weekly, Mapping):
        weekly = by_week(weekly, (*path, "weekly_capacity"))
    elif weekly is not None:
        weekly = fields.whole(weekly, (*path, "weekly_capacity"))
    return Host(
        fields.name(row["id"], (*path, "id")),
        None if capacity is None else fields.whole(capacity, (*path, "capacity")),
        weekly,
    )


def by_week(value: Any, path: Path) -> dict[str, int]:
    return {week: fields.whole(n, (*path, week)) for week, n in sorted(fields.mapping(value, path, None).items())}


def pair(row: Any, path: Path) -> Pair:
    row = fields.mapping(row, path, _PAIR)
    affinity, rank, acceptable = row.get("affinity"), row.get("rank"), row.get("acceptable", True)
    if affinity is not None:
        if isinstance(affinity, bool) or not isinstance(affinity, int | float):
            fields.refuse(affinity, "a number between 0 and 1", (*path, "affinity"))
        if not 0 <= affinity <= 1:
            raise MarketError(f"an affinity is between 0 and 1 (got {affinity})", (*path, "affinity"))
    if rank is not None and fields.whole(rank, (*path, "rank")) < 1:
        raise MarketError(f"a rank is a whole number from 1 (got {rank})", (*path, "rank"))
    return Pair(
        fields.name(row["student"], (*path, "student")),
        fields.name(row["slot"], (*path, "slot")),
        affinity,
        rank,
        fields.flag(acceptable, (*path, "acceptable")),
    )


def couple(row: Any, path: Path) -> tuple[str, str]:
    if isinstance(row, list):
        if len(row) != 2:
            fields.refuse(row, "[student, slot]", path)
        return fields.name(row[0], (*path, 0)), fields.name(row[1], (*path, 1))
    row = fields.mapping(row, path, {"student": True, "slot": True})
    return fields.name(row["student"], (*path, "student")), fields.name(row["slot"], (*path, "slot"))


def together(row: Any, path: Path) -> Together:
    if isinstance(row, list):
        row = {"students": row}
    row = fields.mapping(row, path, {"students": True, "must": False, "kind": False})
    both = row["students"]
    if not isinstance(both, list) or len(both) != 2:
        fields.refuse(both, "a list of two students", (*path, "students"))
    kind = row.get("kind")
    if kind is not None and kind not in ("wish", "must"):
        raise MarketError(f"unknown kind {kind!r}: wish or must", (*path, "kind"))
    if kind is not None and "must" in row:
        raise MarketError("kind and must say the same thing: give one", (*path, "kind"))
    must = kind == "must" if kind is not None else fields.flag(row.get("must", False), (*path, "must"))
    return Together(fields.name(both[0], (*path, "students", 0)), fields.name(both[1], (*path, "students", 1)), must)


def limit(row: Any, path: Path) -> Limit:
    row = fields.mapping(row, path, {"group": True, "maximum": True, "slot": False, "value": False})
    slot, value = row.get("slot"), row.get("value")
    return Limit(
        fields.name(row["group"], (*path, "group")),
        fields.whole(row["maximum"], (*path, "maximum")),
        None if slot is None else fields.name(slot, (*path, "slot")),
        None if value is None else fields.name(value, (*path, "value")),
    )


def equity(row: Any, path: Path) -> Equity:
    row = fields.mapping(row, path, {"group": True, "mode": False, "rate": False, "strict": False})
    rate = row.get("rate")
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int | float)):
        fields.refuse(rate, "a number between 0 and 1", (*path, "rate"))
    return Equity(
        fields.name(row["group"], (*path, "group")),
        fields.name(row.get("mode", "floor"), (*path, "mode")),
        rate,
        fields.flag(row.get("strict", False), (*path, "strict")),
    )


# --- rows of a solution -------------------------------------------------------------------------------------------


def assigned(row: Any, path: Path) -> Assignment:
    row = fields.mapping(row, path, {"student": True, "slot": True, "rank": False, "affinity": False})
    rank, affinity = row.get("rank"), row.get("affinity")
    return Assignment(
        fields.name(row["student"], (*path, "student")),
        fields.name(row["slot"], (*path, "slot")),
        None if rank is None else fields.whole(rank, (*path, "rank")),
        None if affinity is None else float(fields.number(affinity, (*path, "affinity"))),
    )


def unplaced(row: Any, path: Path) -> Unplaced:
    row = fields.mapping(row, path, {"student": True, "code": False, "figures": False})
    figures = fields.mapping(row.get("figures", {}), (*path, "figures"), None)
    code = fields.name(row.get("code", "unknown"), (*path, "code"))
    return Unplaced(
        fields.name(row["student"], (*path, "student")),
        code,
        {k: fields.whole(v, (*path, "figures", k)) for k, v in figures.items()},
    )


def objective(value: Any) -> ObjectiveValue:
    path: Path = ("objective",)
    if value is None:
        return ObjectiveValue("", ())
    if isinstance(value, str):
        return ObjectiveValue(value, ())
    row = fields.mapping(
        value, path, {"name": True, "tiers": False, "profile": False, "total_rank": False, "total_affinity": False}
    )
    tiers = []
    for i, tier in enumerate(fields.listing(row.get("tiers", []), (*path, "tiers"))):
        at = (*path, "tiers", i)
        tier = fields.mapping(tier, at, {"name": True, "sense": False, "value": True})
        tiers.append(
            TierValue(
                fields.name(tier["name"], (*at, "name")),
                str(tier.get("sense", "max")),
                fields.number(tier["value"], (*at, "value")),
            )
        )
    profile = tuple(
        fields.whole(n, (*path, "profile", i))
        for i, n in enumerate(fields.listing(row.get("profile", []), (*path, "profile")))
    )
    return ObjectiveValue(
        fields.name(row["name"], (*path, "name")),
        tuple(tiers),
        profile,
        fields.whole(row.get("total_rank", 0), (*path, "total_rank")),
        float(fields.number(row.get("total_affinity", 0.0), (*path, "total_affinity"))),
    )


def optimality(value: Any) -> Optimality:
    path: Path = ("optimal",)
    row = fields.mapping(value, path, {"proved": True, "gap": False, "method": False})
    return Optimality(
        fields.flag(row["proved"], (*path, "proved")),
        fields.whole(row.get("gap", 0), (*path, "gap")),
        str(row.get("method", "")),
    )


def stage(row: Any, path: Path) -> Stage:
    row = fields.mapping(row, path, {"weights": True, "prices": True})
    weights = []
    for i, item in enumerate(fields.listing(row["weights"], (*path, "weights"))):
        at = (*path, "weights", i)
        if not isinstance(item, list) or len(item) != 2:
            fields.refuse(item, "[tier, weight]", at)
        weights.append((fields.name(item[0], (*at, 0)), fields.whole(item[1], (*at, 1))))
    prices = {}
    for kind, by_name in fields.mapping(row["prices"], (*path, "prices"), None).items():
        at = (*path, "prices", kind)
        prices[kind] = {name: fields.whole(p, (*at, name)) for name, p in fields.mapping(by_name, at, None).items()}
    return Stage(tuple(weights), prices)


def fingerprint(value: Any) -> dict[str, Any]:
    """The fingerprint as it is written, once what a run is replayed from has the right types."""
    found = fields.mapping(value, ("fingerprint",), None)
    path = ("fingerprint", "parameters")
    parameters = fields.mapping(found.get("parameters", {}), path, None)
    if "seed" in parameters and (isinstance(parameters["seed"], bool) or not isinstance(parameters["seed"], int)):
        fields.refuse(parameters["seed"], "a whole number", (*path, "seed"))
    return found
