"""Markets and solutions as JSON documents, in and out (the formats are described in ``docs/matching.md``)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path as File
from typing import Any, NoReturn, TypeVar

import numpy as np

from matching import positions
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
    top = _object(data, (), {"students": True, "slots": True, "pairs": True, "hosts": False, "pinned": False,
                             "forbidden": False, "together": False, "limits": False, "equity": False})
    equity = top.get("equity")
    if isinstance(equity, Mapping):
        top["equity"] = [equity]
    return Market(
        students=_rows(top, "students", _student),
        slots=_rows(top, "slots", _slot),
        hosts=_rows(top, "hosts", _host),
        pairs=_rows(top, "pairs", _pair),
        pinned=_rows(top, "pinned", _couple),
        forbidden=_rows(top, "forbidden", _couple),
        together=_rows(top, "together", _together),
        limits=_rows(top, "limits", _limit),
        equity=_rows(top, "equity", _equity),
    )


def market_to(market: Market) -> dict[str, Any]:
    """The market as plain values ready for JSON, without the optional fields that say nothing."""
    def lean(row: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        return {k: v for k, v in row.items() if k not in defaults or v != defaults[k]}

    return {
        "students": [lean({"id": s.id, "groups": dict(sorted(s.groups.items())), "priority": s.priority},
                          groups={}, priority=0) for s in market.students],
        "slots": [lean({"id": s.id, "offer": s.offer, "host": s.host, "week": s.week, "capacity": s.capacity,
                        "minimum": s.minimum, "sector": s.sector, "commune": s.commune},
                       minimum=0, sector="", commune="") for s in market.slots],
        "hosts": [lean({"id": h.id, "capacity": h.capacity, "weekly_capacity": h.weekly_capacity},
                       capacity=None, weekly_capacity=None) for h in market.hosts],
        "pairs": [lean({"student": p.student, "slot": p.slot, "affinity": p.affinity, "rank": p.rank,
                        "acceptable": p.acceptable}, affinity=None, rank=None, acceptable=True) for p in market.pairs],
        "pinned": [{"student": a, "slot": b} for a, b in market.pinned],
        "forbidden": [{"student": a, "slot": b} for a, b in market.forbidden],
        "together": [{"students": [t.a, t.b], "must": t.must} for t in market.together],
        "limits": [lean({"group": x.group_key, "maximum": x.maximum, "slot": x.slot, "value": x.value},
                        slot=None, value=None) for x in market.limits],
        "equity": [lean({"group": e.group_key, "mode": e.mode, "rate": e.rate, "strict": e.strict},
                        rate=None, strict=False) for e in market.equity],
    }


def solution_from(data: Any) -> Solution:
    """A solution from decoded JSON. Only ``assignments`` is required: any other tool's answer can be checked."""
    top = _object(data, (), {"assignments": True, "unplaced": False, "objective": False, "optimal": False,
                             "certificate": False, "fingerprint": False, "seconds": False})
    optimal = top.get("optimal")
    seconds = _number(top.get("seconds") or 0, ("seconds",))
    return Solution(
        assignments=tuple(sorted(_rows(top, "assignments", _assigned))),
        unplaced=_rows(top, "unplaced", _unplaced),
        objective=_objective(top.get("objective")),
        optimal=Optimality(False, -1, "not claimed") if optimal is None else _optimality(optimal),
        duals=_rows(top, "certificate", _stage),
        fingerprint=_object(top.get("fingerprint", {}), ("fingerprint",), None),
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
        "objective": {"name": o.name, "tiers": [{"name": t.name, "sense": t.sense, "value": t.value} for t in o.tiers],
                      "profile": list(o.profile), "total_rank": o.total_rank, "total_affinity": o.total_affinity},
        "optimal": {"proved": solution.optimal.proved, "gap": solution.optimal.gap, "method": solution.optimal.method},
        "certificate": [{"weights": [[name, w] for name, w in stage.weights],
                         "prices": {kind: dict(prices) for kind, prices in stage.prices.items()}}
                        for stage in solution.duals],
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
    for column, kind in ((columns.student, "<i8"), (columns.slot, "<i8"), (columns.affinity, "<f8"),
                         (columns.rank, "<i8"), (columns.acceptable, "u1")):
        state.update(np.ascontiguousarray(column, np.dtype(kind)).tobytes())
    add([list(market.pinned), list(market.forbidden), [[t.a, t.b, t.must] for t in market.together],
         [[x.group_key, x.maximum, x.slot, x.value] for x in market.limits],
         [[e.group_key, e.mode, e.rate, e.strict] for e in market.equity]])
    return state.hexdigest()


# --- rows of a market ---------------------------------------------------------------------------------------------

_STUDENT = {"id": True, "groups": False, "priority": False}
_SLOT = {"id": True, "offer": True, "host": True, "week": True, "capacity": True, "minimum": False,
         "sector": False, "commune": False}
_PAIR = {"student": True, "slot": True, "affinity": False, "rank": False, "acceptable": False}


def _student(row: Any, path: Path) -> Student:
    row = _object(row, path, _STUDENT)
    groups = _object(row.get("groups", {}), (*path, "groups"), None)
    return Student(_name(row["id"], (*path, "id")),
                   {k: _name(v, (*path, "groups", k)) for k, v in sorted(groups.items()) if v is not None},
                   _whole(row.get("priority", 0), (*path, "priority")))


def _slot(row: Any, path: Path) -> Slot:
    row = _object(row, path, _SLOT)
    name, offer, host, week = (_name(row[k], (*path, k)) for k in ("id", "offer", "host", "week"))
    return Slot(name, offer, host, week,
                capacity=_whole(row["capacity"], (*path, "capacity")),
                minimum=_whole(row.get("minimum", 0), (*path, "minimum")),
                sector=_name(row.get("sector", ""), (*path, "sector"), empty=True),
                commune=_name(row.get("commune", ""), (*path, "commune"), empty=True))


def _host(row: Any, path: Path) -> Host:
    row = _object(row, path, {"id": True, "capacity": False, "weekly_capacity": False})
    capacity, weekly = row.get("capacity"), row.get("weekly_capacity")
    if isinstance(capacity, Mapping):
        if weekly is not None:
            raise MarketError("a capacity by week is given twice", (*path, "weekly_capacity"))
        capacity, weekly = None, _by_week(capacity, (*path, "capacity"))
    elif isinstance(weekly, Mapping):
        weekly = _by_week(weekly, (*path, "weekly_capacity"))
    elif weekly is not None:
        weekly = _whole(weekly, (*path, "weekly_capacity"))
    return Host(_name(row["id"], (*path, "id")),
                None if capacity is None else _whole(capacity, (*path, "capacity")), weekly)


def _by_week(value: Any, path: Path) -> dict[str, int]:
    return {week: _whole(n, (*path, week)) for week, n in sorted(_object(value, path, None).items())}


def _pair(row: Any, path: Path) -> Pair:
    row = _object(row, path, _PAIR)
    affinity, rank, acceptable = row.get("affinity"), row.get("rank"), row.get("acceptable", True)
    if affinity is not None:
        if isinstance(affinity, bool) or not isinstance(affinity, int | float):
            _fail(affinity, "a number between 0 and 1", (*path, "affinity"))
        if not 0 <= affinity <= 1:
            raise MarketError(f"an affinity is between 0 and 1 (got {affinity})", (*path, "affinity"))
    if rank is not None and _whole(rank, (*path, "rank")) < 1:
        raise MarketError(f"a rank is a whole number from 1 (got {rank})", (*path, "rank"))
    return Pair(_name(row["student"], (*path, "student")), _name(row["slot"], (*path, "slot")),
                affinity, rank, _flag(acceptable, (*path, "acceptable")))


def _couple(row: Any, path: Path) -> tuple[str, str]:
    if isinstance(row, list):
        if len(row) != 2:
            _fail(row, "[student, slot]", path)
        return _name(row[0], (*path, 0)), _name(row[1], (*path, 1))
    row = _object(row, path, {"student": True, "slot": True})
    return _name(row["student"], (*path, "student")), _name(row["slot"], (*path, "slot"))


def _together(row: Any, path: Path) -> Together:
    if isinstance(row, list):
        row = {"students": row}
    row = _object(row, path, {"students": True, "must": False, "kind": False})
    both = row["students"]
    if not isinstance(both, list) or len(both) != 2:
        _fail(both, "a list of two students", (*path, "students"))
    kind = row.get("kind")
    if kind is not None and kind not in ("wish", "must"):
        raise MarketError(f"unknown kind {kind!r}: wish or must", (*path, "kind"))
    if kind is not None and "must" in row:
        raise MarketError("kind and must say the same thing: give one", (*path, "kind"))
    must = kind == "must" if kind is not None else _flag(row.get("must", False), (*path, "must"))
    return Together(_name(both[0], (*path, "students", 0)), _name(both[1], (*path, "students", 1)), must)


def _limit(row: Any, path: Path) -> Limit:
    row = _object(row, path, {"group": True, "maximum": True, "slot": False, "value": False})
    slot, value = row.get("slot"), row.get("value")
    return Limit(_name(row["group"], (*path, "group")), _whole(row["maximum"], (*path, "maximum")),
                 None if slot is None else _name(slot, (*path, "slot")),
                 None if value is None else _name(value, (*path, "value")))


def _equity(row: Any, path: Path) -> Equity:
    row = _object(row, path, {"group": True, "mode": False, "rate": False, "strict": False})
    rate = row.get("rate")
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int | float)):
        _fail(rate, "a number between 0 and 1", (*path, "rate"))
    return Equity(_name(row["group"], (*path, "group")), _name(row.get("mode", "floor"), (*path, "mode")),
                  rate, _flag(row.get("strict", False), (*path, "strict")))


# --- rows of a solution -------------------------------------------------------------------------------------------


def _assigned(row: Any, path: Path) -> Assignment:
    row = _object(row, path, {"student": True, "slot": True, "rank": False, "affinity": False})
    rank, affinity = row.get("rank"), row.get("affinity")
    return Assignment(_name(row["student"], (*path, "student")), _name(row["slot"], (*path, "slot")),
                      None if rank is None else _whole(rank, (*path, "rank")),
                      None if affinity is None else float(_number(affinity, (*path, "affinity"))))


def _unplaced(row: Any, path: Path) -> Unplaced:
    row = _object(row, path, {"student": True, "code": False, "figures": False})
    figures = _object(row.get("figures", {}), (*path, "figures"), None)
    return Unplaced(_name(row["student"], (*path, "student")), _name(row.get("code", "unknown"), (*path, "code")),
                    {k: _whole(v, (*path, "figures", k)) for k, v in figures.items()})


def _objective(value: Any) -> ObjectiveValue:
    path: Path = ("objective",)
    if value is None:
        return ObjectiveValue("", ())
    if isinstance(value, str):
        return ObjectiveValue(value, ())
    row = _object(value, path, {"name": True, "tiers": False, "profile": False, "total_rank": False,
                                "total_affinity": False})
    tiers = []
    for i, tier in enumerate(_list(row.get("tiers", []), (*path, "tiers"))):
        at = (*path, "tiers", i)
        tier = _object(tier, at, {"name": True, "sense": False, "value": True})
        tiers.append(TierValue(_name(tier["name"], (*at, "name")), str(tier.get("sense", "max")),
                               _number(tier["value"], (*at, "value"))))
    profile = tuple(_whole(n, (*path, "profile", i))
                    for i, n in enumerate(_list(row.get("profile", []), (*path, "profile"))))
    return ObjectiveValue(_name(row["name"], (*path, "name")), tuple(tiers), profile,
                          _whole(row.get("total_rank", 0), (*path, "total_rank")),
                          float(_number(row.get("total_affinity", 0.0), (*path, "total_affinity"))))


def _optimality(value: Any) -> Optimality:
    path: Path = ("optimal",)
    row = _object(value, path, {"proved": True, "gap": False, "method": False})
    return Optimality(_flag(row["proved"], (*path, "proved")), _whole(row.get("gap", 0), (*path, "gap")),
                      str(row.get("method", "")))


def _stage(row: Any, path: Path) -> Stage:
    row = _object(row, path, {"weights": True, "prices": True})
    weights = []
    for i, item in enumerate(_list(row["weights"], (*path, "weights"))):
        at = (*path, "weights", i)
        if not isinstance(item, list) or len(item) != 2:
            _fail(item, "[tier, weight]", at)
        weights.append((_name(item[0], (*at, 0)), _whole(item[1], (*at, 1))))
    prices = {}
    for kind, by_name in _object(row["prices"], (*path, "prices"), None).items():
        at = (*path, "prices", kind)
        prices[kind] = {name: _whole(p, (*at, name)) for name, p in _object(by_name, at, None).items()}
    return Stage(tuple(weights), prices)


# --- values -------------------------------------------------------------------------------------------------------


def _fail(value: Any, wanted: str, path: Path) -> NoReturn:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    raise MarketError(f"{wanted} is expected (got {shown if len(shown) < 60 else shown[:57] + '...'})", path)


def _object(value: Any, path: Path, fields: Mapping[str, bool] | None) -> dict[str, Any]:
    """``value`` as an object; with ``fields`` (name → required), unknown and missing fields are refused."""
    if not isinstance(value, dict):
        _fail(value, "an object", path)
    if fields is not None:
        for name in value:
            if name not in fields:
                raise MarketError(f"unknown field (known: {', '.join(fields)})", (*path, name))
        for name, required in fields.items():
            if required and name not in value:
                raise MarketError("this field is missing", (*path, name))
    return value


def _list(value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list):
        _fail(value, "a list", path)
    return value


def _rows(top: Mapping[str, Any], name: str, read: Callable[[Any, Path], T]) -> tuple[T, ...]:
    value = top.get(name)
    if value is None:
        return ()
    return tuple(read(row, (name, i)) for i, row in enumerate(_list(value, (name,))))


def _name(value: Any, path: Path, empty: bool = False) -> str:
    """An identifier: a text, or a whole number read as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        _fail(value, "a text", path)
    if not value.strip() and not empty:
        raise MarketError("an empty text says nothing here", path)
    return value


def _whole(value: Any, path: Path) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        _fail(value, "a whole number", path)
    return value


def _number(value: Any, path: Path) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _fail(value, "a number", path)
    return value


def _flag(value: Any, path: Path) -> bool:
    if not isinstance(value, bool):
        _fail(value, "true or false", path)
    return value


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
