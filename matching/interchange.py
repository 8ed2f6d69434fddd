"""Markets and solutions as JSON documents, in and out (the formats are described in ``docs/matching.md``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path as File
from typing import Any, TypeVar

import numpy as np

from matching import fields, positions, rows
from matching.problem import (
    Market,
    MarketError,
    Optimality,
    Solution,
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
        students=fields.rows(top, "students", rows.student),
        slots=fields.rows(top, "slots", rows.slot),
        hosts=fields.rows(top, "hosts", rows.host),
        pairs=fields.rows(top, "pairs", rows.pair),
        pinned=fields.rows(top, "pinned", rows.couple),
        forbidden=fields.rows(top, "forbidden", rows.couple),
        together=fields.rows(top, "together", rows.together),
        limits=fields.rows(top, "limits", rows.limit),
        equity=fields.rows(top, "equity", rows.equity),
    )


def market_to(market: Market) -> dict[str, Any]:
    """The market as plain values ready for JSON, without the optional fields that say nothing."""

    def lean(row: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        return {k: v for k, v in row.items() if k not in defaults or v != defaults[k]}

    return {
        "students": [
            lean(
                {
                    "id": s.id,
                    "groups": dict(sorted(s.groups.items())),
                    "priority": s.priority,
                    "firmness": s.firmness,
                },
                groups={},
                priority=0,
                firmness=0,
            )
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
        assignments=tuple(sorted(fields.rows(top, "assignments", rows.assigned))),
        unplaced=fields.rows(top, "unplaced", rows.unplaced),
        objective=rows.objective(top.get("objective")),
        optimal=Optimality(False, -1, "not claimed") if optimal is None else rows.optimality(optimal),
        duals=fields.rows(top, "certificate", rows.stage),
        fingerprint=rows.fingerprint(top.get("fingerprint", {})),
        seconds=float(seconds),
    )


def solution_to(solution: Solution) -> dict[str, Any]:
    """The solution as plain values ready for JSON."""
    listed = []
    for a in solution.assignments:
        row: dict[str, Any] = {"student": a.student, "slot": a.slot}
        if a.rank is not None:
            row["rank"] = a.rank
        if a.affinity is not None:
            row["affinity"] = a.affinity
        listed.append(row)
    o = solution.objective
    return {
        "assignments": listed,
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
    encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode

    def add(value: Any) -> None:
        state.update(encoded(value).encode() + b"\n")

    quoted = json.encoder.encode_basestring
    groups: dict[int, str] = {}  # by object: the students of a class often share theirs
    for s in market.students:
        if (written := groups.get(id(s.groups))) is None:
            written = groups[id(s.groups)] = encoded(dict(s.groups))
        firmness = f", {s.firmness}" if s.firmness else ""
        state.update(f"[{quoted(s.id)}, {written}, {s.priority}{firmness}]\n".encode())
    for t in market.slots:
        names = ", ".join(map(quoted, (t.id, t.offer, t.host, t.week)))
        place = f"{quoted(t.sector)}, {quoted(t.commune)}"
        state.update(f"[{names}, {t.capacity}, {t.minimum}, {place}]\n".encode())
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
