"""Second half of the checker: is the solution as good as it says?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from matching import checking_envy, checking_maximum, checking_proof, checking_tiers
from matching.checking_book import Book, open_book
from matching.checking_rules import Fault
from matching.checking_tiers import Rule
from matching.problem import OBJECTIVES, Market, Solution

LOTTERY_PAIRS = 2_000  # up to here an integer programme draws the lottery too (docs/matching.md)


def quality(
    market: Market, solution: Solution, previous: Solution | None, valid: bool
) -> tuple[list[Fault], dict[str, Any]]:
    """Faults and facts on the value of the solution."""
    faults: list[Fault] = []
    book = open_book(market, solution)
    maximum = checking_maximum.largest(book)
    placed = int(np.sum(book.held >= 0))
    facts: dict[str, Any] = {"maximum": maximum.placed, "maximum_exact": maximum.exact}
    objective = solution.objective.name
    if objective and objective not in OBJECTIVES:
        return [Fault("unknown_objective", f"{objective!r} is not an objective")], facts
    strict = any(level.strict for level in book.levels)
    for_most = objective != "rank_maximal" and not strict
    if for_most and maximum.exact and placed < maximum.placed:
        faults.append(Fault("not_maximum", f"{placed} students are placed, {maximum.placed} can be"))
    share = (maximum.placed if maximum.exact else placed) / max(len(market.students), 1)
    parameters = solution.fingerprint.get("parameters", {})
    stay = None if previous is None else previous.places()
    moved_unknown = "previous" in parameters and previous is None
    rules = checking_tiers.rules_of(
        book, objective or "balanced", int(parameters.get("seed", 0)), stay, bool(parameters.get("stay_first", False))
    )
    faults += _totals(book, solution)
    if objective == "rank_maximal":
        floor_first = False
    elif book.levels and book.levels[0].strict:
        floor_first = True
    else:  # in a repair, staying comes before equity
        floor_first = for_most and placed == maximum.placed and not parameters.get("stay_first")
    facts["equity"], unfair = _equity(book, share, floor_first)
    faults += unfair
    if moved_unknown:
        facts["not_checked"] = "tiers, certificate and envy: the former solution is needed (--previous)"
        return faults, facts
    if solution.objective.tiers:
        faults += _tiers(book, solution, rules, share)
    faults += _reasons(book, solution)
    claim = solution.optimal
    if claim.proved and (claim.gap != 0 or claim.method not in ("dual prices", "branch and bound")):
        faults.append(Fault("optimality_wrong", f"a proof by {claim.method!r} with gap {claim.gap} is none"))
    searched = (
        bool(market.together) or checking_maximum.has_conditions(book) or len({x.group_key for x in market.limits}) > 1
    )
    if claim.proved and (claim.method == "dual prices" or not searched):
        found = checking_proof.faults(book, solution, rules, share) if valid else []
        if _granted(book) < _grantable(book):
            found.append(Fault("certificate_wrong", "prices prove nothing while a wish to be together is left unmet"))
        faults += found
        facts["certificate"] = "verified" if valid and not found else "refused"
    else:
        facts["certificate"] = "none: " + solution.optimal.method
    if valid:
        drawn = claim.method != "branch and bound" or not searched or len(book.student) <= LOTTERY_PAIRS
        if not drawn:
            facts["not_judged"] = "who won the lottery: it is not part of a large integer programme"
        wasted, envy = checking_envy.improvements(
            book, rules if drawn else [r for r in rules if r.name != "lottery"], share
        )
        faults += [Fault("wasted_place", text) for text in wasted]
        faults += [Fault("justified_envy", text) for text in envy]
        facts["wasted_places"], facts["justified_envy"] = len(wasted), len(envy)
    return faults, facts


def _reasons(book: Book, solution: Solution) -> list[Fault]:
    """The code and the counts of each unplaced student, found again."""
    n = len(book.market.students)
    given = np.bincount(book.market.columns.student, minlength=n)
    still = np.bincount(book.student, minlength=n)
    where = {s.id: i for i, s in enumerate(book.market.students)}
    faults = []
    for row in solution.unplaced:
        i = where[row.student]
        code = "no_candidate" if not given[i] else "lost_competition" if still[i] else "filtered"
        figures = dict(row.figures)
        counts = (figures.pop("candidates", given[i]), figures.pop("open", still[i]))
        closed = sum(figures.values()) if figures else given[i] - still[i]
        if row.code not in (code, "unknown") or counts != (given[i], still[i]) or closed != given[i] - still[i]:
            text = f"{row.student!r} has {given[i]} candidates of which {still[i]} are open: the reason is {code!r}"
            faults.append(Fault("unplaced_reason_wrong", text))
    return faults


def _totals(book: Book, solution: Solution) -> list[Fault]:
    """The totals a solution states about itself, added up again."""
    if not solution.objective.tiers:
        return []
    pairs = book.market.columns
    mine = np.flatnonzero(book.held[pairs.student] == pairs.slot)
    ranks = pairs.rank[mine].tolist()
    worst = int(pairs.rank.max(initial=0))
    profile = tuple(ranks.count(r) for r in range(1, worst + 1))
    affinity = float(np.nansum(pairs.affinity[mine]))
    stated = solution.objective
    faults = []
    if tuple(stated.profile) != profile:
        faults.append(Fault("profile_wrong", f"the profile is {profile}, not {tuple(stated.profile)}"))
    if stated.total_rank != sum(ranks):
        faults.append(Fault("total_wrong", f"the total rank is {sum(ranks)}, not {stated.total_rank}"))
    if abs(stated.total_affinity - affinity) > 1e-6 * max(1.0, affinity):
        faults.append(Fault("total_wrong", f"the total affinity is {affinity:.6f}, not {stated.total_affinity}"))
    return faults


def _tiers(book: Book, solution: Solution, rules: Sequence[Rule], share: float) -> list[Fault]:
    stated = {t.name: float(t.value) for t in solution.objective.tiers}
    names = [r.name for r in rules]
    extra = [t.name for t in solution.objective.tiers if t.name not in names and not t.name.startswith("together")]
    if extra or [n for n in names if n not in stated]:
        return [Fault("tiers_wrong", f"the tiers of this objective are {names}, not {list(stated)}")]
    faults = []
    granted = _granted(book)
    if stated.get("together", granted) != granted:
        faults.append(Fault("tier_value_wrong", f"together is {granted}, not {stated['together']}"))
    for rule in rules:
        value = checking_tiers.shown(rule, book, share)
        if abs(value - stated[rule.name]) > 1e-6 * max(1.0, abs(value)):
            faults.append(Fault("tier_value_wrong", f"{rule.name} is {value}, not {stated[rule.name]}"))
    return faults


def _granted(book: Book) -> int:
    where = {s.id: int(book.held[i]) for i, s in enumerate(book.market.students)}
    return sum(where[t.a] == where[t.b] >= 0 for t in book.market.together if not t.must)


def _grantable(book: Book) -> int:
    """Wishes to be together of students who have a slot in common."""
    if all(t.must for t in book.market.together):
        return 0
    open_to: dict[int, set[int]] = {int(i): {int(book.held[i])} for i in np.flatnonzero(book.pinned)}
    for i, t in zip(book.student.tolist(), book.slot.tolist(), strict=True):
        open_to.setdefault(i, set()).add(t)
    where = {s.id: i for i, s in enumerate(book.market.students)}
    couples = [(where[t.a], where[t.b]) for t in book.market.together if not t.must]
    return sum(bool(open_to.get(a, set()) & open_to.get(b, set())) for a, b in couples)


def _equity(book: Book, share: float, comparable: bool) -> tuple[dict[str, Any], list[Fault]]:
    """Share placed by group, and floors missed although they could be reached without losing a placement."""
    facts: dict[str, Any] = {}
    faults: list[Fault] = []
    for number, level in enumerate(book.levels):
        rates = 1 - level.left / np.maximum(level.size, 1)
        facts[level.key] = {
            "shares": dict(zip(level.names, np.round(rates, 4).tolist(), strict=True)),
            "gap": round(float(rates.max(initial=0) - rates.min(initial=1)), 4) if len(rates) else 0.0,
        }
        if level.mode != "floor" or number > 0 or not comparable:
            continue
        rate = share if level.rate is None else level.rate
        floor = np.floor(rate * level.size + 1e-9).astype(np.int64)
        lacking = int(np.maximum(floor - (level.size - level.left), 0).sum())
        least = checking_maximum.least_below_floor(book, level, share)
        facts[level.key]["below_floor"], facts[level.key]["least_below_floor"] = lacking, least
        ordinary = not checking_maximum.has_conditions(book)
        if lacking > least and ordinary and not _priority_before(book):
            faults.append(
                Fault(
                    "equity_floor",
                    f"groups of {level.key!r} lack {lacking} places below their floors; "
                    f"{least} can be reached at no cost",
                )
            )
    return facts, faults


def _priority_before(book: Book) -> bool:
    """Whether priorities, which come before equity, may explain a missed floor."""
    return len({s.priority for s in book.market.students}) > 1
