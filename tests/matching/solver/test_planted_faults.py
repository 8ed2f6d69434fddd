"""The checker catches each fault planted in a sound solution, by name, and the command exits with 1."""

from __future__ import annotations

import copy
import json

import pytest

from matching import __main__, assignment, interchange, verification
from matching.problem import Equity, Host, Limit, Market, Pair, Slot, Student, Together


def sound_market() -> Market:
    """Eleven students, every rule in use, and a flow that respects the conditions (so that prices prove it)."""
    students = tuple(Student(f"s{i:02}", {"class": "xy"[i % 2], "rep": "01"[i // 6]}) for i in range(11))
    slots = (
        Slot("a1", "a", "ha", "w1", 2),
        Slot("a2", "a", "ha", "w2", 2),
        Slot("b1", "b", "hb", "w1", 2, 2),
        Slot("c1", "c", "hc", "w1", 1),
        Slot("c2", "c", "hc", "w2", 1),
        Slot("d1", "d", "hd", "w1", 4),
    )
    hosts = (Host("ha", 3), Host("hb"), Host("hc", None, {"w1": 1}), Host("hd", None, 2))
    wishes = {
        0: "a1 a2",
        1: "a1 b1",
        2: "a2 a1",
        3: "b1 c1",
        4: "b1 a2",
        5: "c1 c2",
        6: "c2 c1 d1",
        7: "d1 a1",
        8: "d1 c1",
        9: "d1 a2",
        10: "c1",
    }
    pairs = [
        Pair(f"s{i:02}", slot, round(0.9 - 0.1 * k, 2), k + 1)
        for i, line in wishes.items()
        for k, slot in enumerate(line.split())
    ]
    pairs.append(Pair("s01", "d1", 0.3))
    return Market(
        students,
        slots,
        hosts,
        tuple(pairs),
        pinned=(("s05", "c2"),),
        forbidden=(("s09", "a2"),),
        together=(Together("s03", "s04", True),),
        limits=(Limit("class", 1, "a1"),),
        equity=(Equity("rep"),),
    )


@pytest.fixture(scope="module")
def sound():
    market = sound_market()
    solution = assignment.solve(market, "balanced")
    return market, interchange.solution_to(solution)


def code(tmp_path, market, document) -> tuple[int, set[str]]:
    """Exit code of the command and the names of the faults."""
    interchange.dump(interchange.market_to(market), tmp_path / "market.json")
    (tmp_path / "solution.json").write_text(json.dumps(document), encoding="utf-8")
    status = __main__.main(["check", str(tmp_path / "market.json"), str(tmp_path / "solution.json")])
    report = verification.check(market, interchange.read_solution(tmp_path / "solution.json"))
    assert (status == 0) == report.ok
    return status, {f.code for f in report.faults}


def move(document, student, slot):
    """Put a student elsewhere (None: nowhere), leaving everything the solution says about itself."""
    document["assignments"] = [a for a in document["assignments"] if a["student"] != student]
    document["unplaced"] = [u for u in document["unplaced"] if u["student"] != student]
    if slot is None:
        document["unplaced"].append({"student": student, "code": "lost_competition", "figures": {}})
    else:
        document["assignments"].append({"student": student, "slot": slot})


def held(document):
    return {a["student"]: a["slot"] for a in document["assignments"]}


def test_the_sound_solution_is_sound(tmp_path, sound):
    market, document = sound
    assert document["optimal"] == {"proved": True, "gap": 0, "method": "dual prices"}
    assert code(tmp_path, market, document) == (0, set())


def unknown_student(d):
    d["assignments"].append({"student": "ghost", "slot": "a1"})


def unknown_slot(d):
    d["assignments"][0]["slot"] = "ghost"


def placed_twice(d):
    first = d["assignments"][0]
    d["assignments"].append({"student": first["student"], "slot": "d1" if first["slot"] != "d1" else "a1"})


def not_a_candidate(d):
    move(d, "s10", "b1")


def forbidden(d):
    move(d, "s09", "a2")


def pin_broken(d):
    move(d, "s05", "c1")


def slot_overfull(d):
    move(d, "s03", "c1")
    move(d, "s10", "c1")


def host_overfull(d):
    for student, slot in (("s00", "a1"), ("s07", "a1"), ("s02", "a2"), ("s04", "a2")):
        move(d, student, slot)


def host_week_overfull(d):
    for student in ("s06", "s07", "s08", "s09"):
        move(d, student, "d1")


def limit_exceeded(d):
    move(d, "s01", "a1")
    move(d, "s07", "a1")


def minimum_not_met(d):
    move(d, "s03", None)


def must_together_broken(d):
    move(d, "s04", "a2")


def one_fewer(d):
    move(d, next(a["student"] for a in d["assignments"] if a["slot"] == "d1"), None)


def unplaced_forgotten(d):
    d["unplaced"] = []


def placed_and_unplaced(d):
    d["unplaced"].append({"student": d["assignments"][0]["student"], "code": "lost_competition", "figures": {}})


def reason_invented(d):
    d["unplaced"][0]["code"] = "no_candidate"


def reason_exchanged(d):
    d["unplaced"][0]["code"] = "filtered"


def figures_invented(d):
    d["unplaced"][0]["figures"]["open"] += 1


def rank_embellished(d):
    next(a for a in d["assignments"] if a.get("rank", 1) > 1)["rank"] = 1


def affinity_embellished(d):
    d["assignments"][0]["affinity"] = 1.0


def proof_by_word(d):
    d["certificate"] = []
    d["optimal"]["method"] = "trust me"


def proved_with_a_gap(d):
    d["optimal"]["gap"] = 2


def tier_embellished(d):
    tier = next(t for t in d["objective"]["tiers"] if t["name"] == "dissatisfaction")
    tier["value"] = tier["value"] / 2


def profile_embellished(d):
    d["objective"]["profile"][0] += 1


def total_embellished(d):
    d["objective"]["total_affinity"] += 0.5


def certificate_removed(d):
    d["certificate"] = []


def price_changed(d):
    prices = next(p for kind, p in d["certificate"][0]["prices"].items() if kind != "group" and p)
    prices[next(iter(prices))] += 1


def price_on_a_free_place(d):
    taken = held(d)
    free = next(s for s in ("a1", "a2", "d1", "b1") if list(taken.values()).count(s) < 2)
    d["certificate"][0]["prices"].setdefault("slot", {})[free] = 10


def weights_that_do_not_outweigh(d):
    d["certificate"][0]["weights"][0][1] = 1


def another_market(d):
    d["fingerprint"]["market"] = "0" * 64


def unknown_objective(d):
    d["objective"]["name"] = "best"


FAULTS = {
    unknown_student: "unknown_student",
    unknown_slot: "unknown_slot",
    placed_twice: "placed_twice",
    not_a_candidate: "not_a_candidate",
    forbidden: "forbidden",
    pin_broken: "pin_broken",
    slot_overfull: "slot_overfull",
    host_overfull: "host_overfull",
    host_week_overfull: "host_week_overfull",
    limit_exceeded: "limit_exceeded",
    minimum_not_met: "minimum_not_met",
    must_together_broken: "must_together_broken",
    one_fewer: "not_maximum",
    unplaced_forgotten: "unplaced_list_wrong",
    placed_and_unplaced: "unplaced_list_wrong",
    reason_invented: "unplaced_reason_wrong",
    tier_embellished: "tier_value_wrong",
    profile_embellished: "profile_wrong",
    total_embellished: "total_wrong",
    certificate_removed: "certificate_missing",
    price_changed: "certificate_wrong",
    price_on_a_free_place: "certificate_wrong",
    weights_that_do_not_outweigh: "certificate_wrong",
    reason_exchanged: "unplaced_reason_wrong",
    figures_invented: "unplaced_reason_wrong",
    rank_embellished: "pair_values_wrong",
    affinity_embellished: "pair_values_wrong",
    proof_by_word: "optimality_wrong",
    proved_with_a_gap: "optimality_wrong",
    another_market: "other_market",
    unknown_objective: "unknown_objective",
}


@pytest.mark.parametrize(("plant", "name"), FAULTS.items(), ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_fault_is_named(tmp_path, sound, plant, name):
    market, document = sound
    document = copy.deepcopy(document)
    plant(document)
    status, names = code(tmp_path, market, document)
    assert status == 1
    assert name in names


def quality_market() -> Market:
    """Two students, two places, one wish each: the other way round is envied."""
    students = tuple(Student(f"s{i}", {"rep": str(i // 2)}) for i in range(4))
    slots = (Slot("a", "a", "h", "w", 1), Slot("b", "b", "h", "w", 1), Slot("c", "c", "h", "w", 1))
    pairs = (
        Pair("s0", "a", 0.9, 1),
        Pair("s0", "b", 0.1, 2),
        Pair("s1", "a", 0.1, 2),
        Pair("s1", "b", 0.9, 1),
        Pair("s2", "b", 0.2, 3),
        Pair("s3", "c", 0.5, 1),
    )
    return Market(students, slots, (Host("h"),), pairs, equity=(Equity("rep"),))


def test_justified_envy_is_named(tmp_path):
    market = quality_market()
    answer = {"assignments": [["s0", "b"], ["s1", "a"], ["s3", "c"]]}
    answer["assignments"] = [{"student": s, "slot": t} for s, t in answer["assignments"]]
    assert code(tmp_path, market, answer) == (1, {"justified_envy"})


def test_wasted_place_is_named(tmp_path):
    market = quality_market()
    answer = {"assignments": [{"student": "s0", "slot": "a"}, {"student": "s1", "slot": "b"}]}
    status, names = code(tmp_path, market, answer)
    assert status == 1
    assert {"wasted_place", "not_maximum"} <= names


def test_missed_floor_is_named(tmp_path):
    students = tuple(Student(f"s{i}", {"rep": "10"[i // 2]}) for i in range(4))
    slots = (Slot("a", "a", "h", "w", 2),)
    pairs = tuple(Pair(f"s{i}", "a", 0.5) for i in range(4))
    market = Market(students, slots, (), pairs, equity=(Equity("rep"),))
    answer = {"assignments": [{"student": "s0", "slot": "a"}, {"student": "s1", "slot": "a"}]}
    status, names = code(tmp_path, market, answer)
    assert status == 1
    assert "equity_floor" in names
