"""Mending from the façade's values: nobody else moves, the smallest chain, and those who were waiting."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from matching import mending, proposing
from matching.mending import Damage
from matching.problem import MarketError
from matching.proposing import Offer, Place, Problem, Pupil
from tests.matching.affinity import builders

WEEK = "2027-01-25"


def small(**wishes: tuple[str, ...]) -> Problem:
    """Each pupil may go where the wishes say: everything else is forbidden."""
    titles = {"bikes": "Réparer des vélos", "garden": "Jardiner", "library": "Ranger des livres", "shop": "Vendre"}
    offers = tuple(Offer(name, title) for name, title in titles.items())
    return Problem(
        pupils=tuple(Pupil(name, weeks=(WEEK,), wishes=wished) for name, wished in wishes.items()),
        offers=offers,
        places=tuple(Place(offer.id, offer.id, WEEK, 1) for offer in offers),
        forbidden=tuple((name, o.id) for name, wished in wishes.items() for o in offers if o.id not in wished),
    )


def moves(mend: mending.Mend) -> dict[str, tuple[str | None, str | None]]:
    return {move.student: (move.before, move.after) for move in mend.moves}


def test_the_smallest_chain_beside_what_nobody_else_moving_gives():
    problem = replace(
        small(lina=("bikes", "garden"), enzo=("garden", "library"), ines=("shop", "library")),
        previous=(("enzo", "garden"), ("ines", "shop")),
    )
    found = mending.mend(problem, Damage(hit=frozenset({"lina"}), withdrawn=frozenset({"bikes"})))
    assert moves(found.still) == {}
    assert found.still.left == ("lina",)
    assert moves(found.chain) == {"lina": (None, "garden"), "enzo": ("garden", "library")}
    assert (found.chain.helped, found.chain.moved, found.chain.left) == (1, 1, ())
    assert found.wide == found.chain


def test_a_free_seat_moves_nobody():
    problem = replace(
        small(lina=("bikes", "shop"), enzo=("garden", "library")),
        previous=(("enzo", "library"),),
    )
    found = mending.mend(problem, Damage(hit=frozenset({"lina"}), withdrawn=frozenset({"bikes"})))
    assert moves(found.still) == moves(found.chain) == {"lina": (None, "shop")}


def test_who_lost_a_place_goes_before_who_was_waiting():
    """One seat is left for two; whoever waits gets it only when nobody was hit."""
    problem = small(lina=("bikes", "shop"), tom=("shop",))
    damage = Damage(hit=frozenset({"lina"}), waiting=frozenset({"tom"}), withdrawn=frozenset({"bikes"}))
    found = mending.mend(problem, damage)
    assert moves(found.wide) == {"lina": (None, "shop")}
    assert found.wide.left == ("tom",)
    alone = mending.mend(problem, replace(damage, hit=frozenset({"lina"}), withdrawn=frozenset()))
    assert moves(alone.wide) == {"lina": (None, "bikes"), "tom": (None, "shop")}
    assert moves(alone.chain).keys() == {"lina"}


def test_a_firm_pupil_stays_where_two_others_can_move():
    problem = replace(
        small(lina=("garden", "shop"), enzo=("garden", "bikes"), ines=("shop", "library")),
        previous=(("enzo", "garden"), ("ines", "shop")),
    )
    damage = Damage(hit=frozenset({"lina"}), firmness={"enzo": 1})
    assert moves(mending.mend(problem, damage).chain).keys() == {"lina", "ines"}
    assert moves(mending.mend(problem, replace(damage, firmness={"ines": 1})).chain).keys() == {"lina", "enzo"}


def test_seats_lost_and_pins_are_respected():
    problem = replace(
        small(lina=("garden", "shop"), enzo=("garden",)),
        pinned=(("enzo", "garden"),),
    )
    lost = Damage(hit=frozenset({"lina"}), lost={"shop": 1})
    assert mending.mend(problem, lost).chain.left == ("lina",)
    assert moves(mending.mend(problem, replace(lost, lost={})).chain) == {"lina": (None, "shop")}
    with pytest.raises(MarketError, match="unknown slot"):
        mending.mend(problem, Damage(hit=frozenset({"lina"}), lost={"nowhere": 1}))


def test_a_territory_is_mended_under_a_second():
    problem = builders.problem(400)
    first = proposing.propose(problem)
    held = [(placement.pupil, placement.place) for placement in first.placements]
    gone = held[0][1]
    hit = frozenset(pupil for pupil, place in held if place == gone)
    broken = replace(problem, previous=tuple(pair for pair in held if pair[0] not in hit))
    started = time.process_time()
    mending.mend(broken, Damage(hit=hit, withdrawn=frozenset({gone})))
    assert time.process_time() - started < 1
