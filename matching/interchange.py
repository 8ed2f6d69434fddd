"""Markets and solutions as JSON documents, in and out (the formats are described in ``docs/matching.md``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path as File
from typing import Any, TypeVar

import numpy as np

from matching import fields, positions
from matching.problem import (
    Assignment,
    Equity,
    Host,
    Limit,
    Market,
    MarketError,
    ObjectiveValue,
    Optimality,
    Pair,
    Path,
    Slot,
    Solution,
    Stage,
    Student,
    TierValue,
    Together,
    Unplaced,
)

T = TypeVar("T")


def read_market(file: str | File) -> Market:
    """The market in a JSON file. Raises :class:`MarketError` with file, line and field."""
    return _read(file, market_from)


def read_solution(file: str | File) -> Solution:
    """The solution in a JSON file. Raises :class:`MarketError` with file, line and field."""
    return _read(file, solution_from)


def loads_market(text: str, source: str | None = None) -> Market:
    """The market in a JSON text."""
    return _loads(text, source, market_from)


def loads_solution(text: str, source: str | None = None) -> Solution:
    """The solution in a JSON text."""
    return _loads(text, source, solution_from)


def market_from(data: Any) -> Market:
    """A market from decoded JSON. Raises :class:`MarketError` with the path of the faulty value."""
    top = fields.mapping(
        data,
        (),
        {
            "students": True,
            "slots": True,
            "pairs": True,
            "hosts": False,
            "pinned": False,
            "forbidden": False,
            "together": False,
            "limits": False,
            "equity": False,
        },
    )
    equity = top.get("equity")
    if isinstance(equity, Mapping):
        top["equity"] = [equity]
    return Market(
        students=fields.rows(top, "students", _student),
        slots=fields.rows(top, "slots", _slot),
        hosts=fields.rows(top, "hosts", _host),
        pairs=fields.rows(top, "pairs", _pair),
        pinned=fields.rows(top, "pinned", _couple),
        forbidden=fields.rows(top, "forbidden", _couple),
        together=fields.rows(top, "together", _together),
        limits=fields.rows(top, "limits", _limit),
        equity=fields.rows(top, "equity", _equity),
    )


def market_to(market: Market) -> dict[str, Any]:
    """The market as plain values ready for JSON, without the optional fields that say nothing."""

    def lean(row: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        return {k: v for k, v in row.items() if k not in defaults or v != defaults[k]}

    return {
        "students": [
            lean({"id": s.id, "groups": dict(sorted(s.groups.items())), "priority": s.priority}, groups={}, priority=0)
            for s in market.students
        ],
        "slots": [
            lean(
                {
                    "id": s.id,
                    "offer": s.offer,
                    "host": s.host,
                    "week": s.week,
                    "capacity": s.capacity,
                    "minimum": s.minimum,
                    "sector": s.sector,
                    "commune": s.commune,
                },
                minimum=0,
                sector="",
                commune="",
            )
            for s in market.slots
        ],
        "hosts": [
            lean(
                {"id": h.id, "capacity": h.capacity, "weekly_capacity": h.weekly_capacity},
                capacity=None,
                weekly_capacity=None,
            )
            for h in market.hosts
        ],
        "pairs": [
            lean(
                {
                    "student": p.student,
                    "slot": p.slot,
                    "affinity": p.affinity,
                    "rank": p.rank,
                    "acceptable": p.acceptable,
                },
                affinity=None,
                rank=None,
                acceptable=True,
            )
            for p in market.pairs
        ],
        "pinned": [{"student": a, "slot": b} for a, b in market.pinned],
        "forbidden": [{"student": a, "slot": b} for a, b in market.forbidden],
        "together": [{"students": [t.a, t.b], "must": t.must} for t in market.together],
        "limits": [
            lean({"group": x.group_key, "maximum": x.maximum, "slot": x.slot, "value": x.value}, slot=None, value=None)
            for x in market.limits
        ],
        "equity": [
            lean({"group": e.group_key, "mode": e.mode, "rate": e.rate, "strict": e.strict}, rate=None, strict=False)
            for e in market.equity
        ],
    }


def solution_from(data: Any) -> Solution:
    """A solution from decoded JSON. Only ``assignments`` is required: any other tool's answer can be checked."""
    top = fields.mapping(
        data,
        (),
        {
            "assignments": True,
            "unplaced": False,
            "objective": False,
            "optimal": False,
            "certificate": False,
            "fingerprint": False,
            "seconds": False,
        },
    )
    optimal = top.get("optimal")
    seconds = fields.number(top.get("seconds") or 0, ("seconds",))
    return Solution(
        assignments=tuple(sorted(fields.rows(top, "assignments", _assigned))),
        unplaced=fields.rows(top, "unplaced", _unplaced),
        objective=_objective(top.get("objective")),
        optimal=Optimality(False, -1, "not claimed") if optimal is None else _optimality(optimal),
        duals=fields.rows(top, "certificate", _stage),
        fingerprint=fields.mapping(top.get("fingerprint", {}), ("fingerprint",), None),
        seconds=float(seconds),
    )


def solution_to(solution: Solution) -> dict[str, Any]:
    """The solution as plain values ready for JSON."""
    rows = []
    for a in solution.assignments:
        row: dict[str, Any] = {"student": a.student, "slot": a.slot}
        if a.rank is not None:
            row["rank"] = a.rank
        if a.affinity is not None:
            row["affinity"] = a.affinity
        rows.append(row)
    o = solution.objective
    return {
        "assignments": rows,
        "unplaced": [{"student": u.student, "code": u.code, "figures": dict(u.figures)} for u in solution.unplaced],
        "objective": {
            "name": o.name,
            "tiers": [{"name": t.name, "sense": t.sense, "value": t.value} for t in o.tiers],
            "profile": list(o.profile),
            "total_rank": o.total_rank,
            "total_affinity": o.total_affinity,
        },
        "optimal": {"proved": solution.optimal.proved, "gap": solution.optimal.gap, "method": solution.optimal.method},
        "certificate": [
            {
                "weights": [[name, w] for name, w in stage.weights],
                "prices": {kind: dict(prices) for kind, prices in stage.prices.items()},
            }
            for stage in solution.duals
        ],
        "fingerprint": dict(solution.fingerprint),
        "seconds": solution.seconds,
    }


def dump(value: Mapping[str, Any], file: str | File) -> None:
    """Write a JSON document: one row a line, so that a message about a line finds its row."""
    File(file).write_text(dumps(value), encoding="utf-8")


def dumps(value: Mapping[str, Any]) -> str:
    """A JSON text, stable to the byte: one line a row of the first-level lists."""

    def encode(item: Any) -> str:
        return json.dumps(item, ensure_ascii=False, sort_keys=False, allow_nan=False)

    parts = []
    for key, item in value.items():
        if isinstance(item, list) and item:
            parts.append(f'  "{key}": [\n' + ",\n".join("    " + encode(row) for row in item) + "\n  ]")
        else:
            parts.append(f'  "{key}": {encode(item)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def market_digest(market: Market) -> str:
    """SHA-256 of the market in canonical order."""
    state = hashlib.sha256()

    def add(value: Any) -> None:
        state.update(json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n")

    for s in market.students:
        add([s.id, dict(s.groups), s.priority])
    for t in market.slots:
        add([t.id, t.offer, t.host, t.week, t.capacity, t.minimum, t.sector, t.commune])
    for h in market.hosts:
        weekly = dict(h.weekly_capacity) if isinstance(h.weekly_capacity, dict) else h.weekly_capacity
        add([h.id, h.capacity, weekly])
    columns = market.columns
    for column, kind in (
        (columns.student, "<i8"),
        (columns.slot, "<i8"),
        (columns.affinity, "<f8"),
        (columns.rank, "<i8"),
        (columns.acceptable, "u1"),
    ):
        state.update(np.ascontiguousarray(column, np.dtype(kind)).tobytes())
    add(
        [
            list(market.pinned),
            list(market.forbidden),
            [[t.a, t.b, t.must] for t in market.together],
            [[x.group_key, x.maximum, x.slot, x.value] for x in market.limits],
            [[e.group_key, e.mode, e.rate, e.strict] for e in market.equity],
        ]
    )
    return state.hexdigest()


# --- rows of a market ---------------------------------------------------------------------------------------------

_STUDENT = {"id": True, "groups": False, "priority": False}
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


def _student(row: Any, path: Path) -> Student:
    row = fields.mapping(row, path, _STUDENT)
    groups = fields.mapping(row.get("groups", {}), (*path, "groups"), None)
    return Student(
        fields.name(row["id"], (*path, "id")),
        {k: fields.name(v, (*path, "groups", k)) for k, v in sorted(groups.items()) if v is not None},
        fields.whole(row.get("priority", 0), (*path, "priority")),
    )


def _slot(row: Any, path: Path) -> Slot:
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


def _host(row: Any, path: Path) -> Host:
    row = fields.mapping(row, path, {"id": True, "capacity": False, "weekly_capacity": False})
    capacity, weekly = row.get("capacity"), row.get("weekly_capacity")
    if isinstance(capacity, Mapping):
        if weekly is not None:
            raise MarketError("a capacity by week is given twice", (*path, "weekly_capacity"))
        capacity, weekly = None, _by_week(capacity, (*path, "capacity"))
    elif isinstance(weekly, Mapping):
        weekly = _by_week(weekly, (*path, "weekly_capacity"))
    elif weekly is not None:
        weekly = fields.whole(weekly, (*path, "weekly_capacity"))
    return Host(
        fields.name(row["id"], (*path, "id")),
        None if capacity is None else fields.whole(capacity, (*path, "capacity")),
        weekly,
    )


def _by_week(value: Any, path: Path) -> dict[str, int]:
    return {week: fields.whole(n, (*path, week)) for week, n in sorted(fields.mapping(value, path, None).items())}


def _pair(row: Any, path: Path) -> Pair:
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


def _couple(row: Any, path: Path) -> tuple[str, str]:
    if isinstance(row, list):
        if len(row) != 2:
            fields.refuse(row, "[student, slot]", path)
        return fields.name(row[0], (*path, 0)), fields.name(row[1], (*path, 1))
    row = fields.mapping(row, path, {"student": True, "slot": True})
    return fields.name(row["student"], (*path, "student")), fields.name(row["slot"], (*path, "slot"))


def _together(row: Any, path: Path) -> Together:
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


def _limit(row: Any, path: Path) -> Limit:
    row = fields.mapping(row, path, {"group": True, "maximum": True, "slot": False, "value": False})
    slot, value = row.get("slot"), row.get("value")
    return Limit(
        fields.name(row["group"], (*path, "group")),
        fields.whole(row["maximum"], (*path, "maximum")),
        None if slot is None else fields.name(slot, (*path, "slot")),
        None if value is None else fields.name(value, (*path, "value")),
    )


def _equity(row: Any, path: Path) -> Equity:
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


def _assigned(row: Any, path: Path) -> Assignment:
    row = fields.mapping(row, path, {"student": True, "slot": True, "rank": False, "affinity": False})
    rank, affinity = row.get("rank"), row.get("affinity")
    return Assignment(
        fields.name(row["student"], (*path, "student")),
        fields.name(row["slot"], (*path, "slot")),
        None if rank is None else fields.whole(rank, (*path, "rank")),
        None if affinity is None else float(fields.number(affinity, (*path, "affinity"))),
    )


def _unplaced(row: Any, path: Path) -> Unplaced:
    row = fields.mapping(row, path, {"student": True, "code": False, "figures": False})
    figures = fields.mapping(row.get("figures", {}), (*path, "figures"), None)
    code = fields.name(row.get("code", "unknown"), (*path, "code"))
    return Unplaced(
        fields.name(row["student"], (*path, "student")),
        code,
        {k: fields.whole(v, (*path, "figures", k)) for k, v in figures.items()},
    )


def _objective(value: Any) -> ObjectiveValue:
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


def _optimality(value: Any) -> Optimality:
    path: Path = ("optimal",)
    row = fields.mapping(value, path, {"proved": True, "gap": False, "method": False})
    return Optimality(
        fields.flag(row["proved"], (*path, "proved")),
        fields.whole(row.get("gap", 0), (*path, "gap")),
        str(row.get("method", "")),
    )


def _stage(row: Any, path: Path) -> Stage:
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


# --- files --------------------------------------------------------------------------------------------------------


def _read(file: str | File, build: Callable[[Any], T]) -> T:
    try:
        text = File(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MarketError(f"cannot be read: {error.strerror}", source=str(file)) from None
    except UnicodeDecodeError as error:
        raise MarketError(f"is not UTF-8 (byte {error.start})", source=str(file)) from None
    return _loads(text, str(file), build)


def _loads(text: str, source: str | None, build: Callable[[Any], T]) -> T:
    try:
        return build(positions.decode(text))
    except MarketError as error:
        if error.line is None:
            error.line = positions.line_of(text, error.path)
        error.source = error.source or source
        raise
