"""Figures of a run, counted by hand on a market one can read."""

from __future__ import annotations

from matching import assignment, metrics
from matching.problem import Market, Pair, Slot, Student


def test_figures_are_counted_from_the_assignments():
    students = (Student("a", {"rep": "1"}), Student("b", {"rep": "0"}), Student("c", {"rep": "0"}), Student("d"))
    slots = (Slot("x", "x", "h", "w", 1), Slot("y", "y", "h", "w", 1), Slot("z", "z", "h", "w", 1))
    market = Market(
        students,
        slots,
        (),
        (Pair("a", "x", 0.8, 1), Pair("b", "y", 0.4, 2, False), Pair("c", "x", 0.1, 2), Pair("d", "z", None)),
    )
    before = assignment.solve(Market(students, slots, (), (Pair("c", "x", 0.5), Pair("d", "z"))))
    told = metrics.measure(market, assignment.solve(market), before)
    assert (told.students, told.placed, told.first_wishes, told.profile) == (4, 3, 1, (1, 1))
    assert told.unacceptable == 1
    assert told.mean_affinity == 0.6
    assert told.shares == {"rep": {"0": 0.5, "1": 1.0}}
    assert (told.worst["rep"], told.gap["rep"], told.moved) == (0.5, 0.5, 1)
