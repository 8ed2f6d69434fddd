"""How a list moves, how far a student has come, and the matcher's reasons in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask import Flask

from app.wishes import rules, sentences
from app.wishes.forms import Wanted, wanted_of
from app.wishes.rules import Progress, Standing
from app.wishes.sentences import Voice


@pytest.mark.parametrize(
    ("item", "direction", "order"),
    [
        (7, "up", [7, 5, 9]),
        (7, "down", [5, 9, 7]),
        (5, "up", [5, 7, 9]),
        (9, "down", [5, 7, 9]),
        (8, "up", [5, 7, 9]),
        (7, "sideways", [5, 7, 9]),
    ],
)
def test_a_wish_moves_one_place(item: int, direction: str, order: list[int]) -> None:
    assert rules.moved([5, 7, 9], item, direction) == order


@pytest.mark.parametrize(
    ("interests", "wishes", "submitted", "placed", "standing"),
    [
        (False, 0, False, False, Standing.NOTHING),
        (True, 0, False, False, Standing.INTERESTS),
        (True, 2, False, False, Standing.DRAFT),
        (False, 2, False, False, Standing.DRAFT),
        (True, 2, True, False, Standing.SUBMITTED),
        (True, 0, True, False, Standing.INTERESTS),
        (True, 2, True, True, Standing.PLACED),
        (False, 0, False, True, Standing.PLACED),
    ],
)
def test_a_student_stands_at_one_point(
    interests: bool, wishes: int, submitted: bool, placed: bool, standing: Standing
) -> None:
    line = Progress(1, 1, "Lina", "Wojcik", interests, wishes, submitted, placed, has_signed_in=True)
    assert line.standing is standing
    assert rules.counts([line])[standing] == 1
    assert sum(rules.counts([line]).values()) == 1


@dataclass
class Because:
    code: str
    weight: float
    values: dict[str, str | int | float] = field(default_factory=dict)


def test_reasons_become_sentences_weightiest_first(context: Flask) -> None:
    reasons = [
        Because("interest", 0.8, {"interest": "14"}),
        Because("concept", 4.0, {"label": "la mécanique", "words": "pit bike"}),
        Because("concept", 3.0, {"label": "le vélo", "words": "pit bike"}),
        Because("rest", 0.3),
        Because("avoided_condition", -2.0, {"condition": "bruit"}),
    ]
    with context.test_request_context():
        assert sentences.why(reasons) == [
            "Tu as écrit « pit bike » : la mécanique, c’est ici.",
            "« Travailler de mes mains » : tu l’as coché, et c’est possible ici.",
        ]
        assert sentences.caution(reasons) == ["À savoir : « Le bruit », que tu préfères éviter, arrive ici."]
        assert sentences.why(reasons, Voice.ADULT, most=1) == ["A écrit « pit bike » : la mécanique."]


def test_small_and_unknown_reasons_say_nothing(context: Flask) -> None:
    with context.test_request_context():
        assert sentences.why([Because("interest", 0.05, {"interest": "14"}), Because("novelty", 3.0)]) == []
        assert sentences.why([Because("interest", 2.0, {"interest": "99"})]) == []
        assert sentences.caution([Because("avoided", -0.01, {"label": "le bruit"})]) == []


def test_two_boxes_are_one_sentence(context: Flask) -> None:
    reasons = [Because("interest", 0.8, {"interest": "14"}), Because("condition", 0.6, {"condition": "dehors"})]
    with context.test_request_context():
        assert sentences.why(reasons) == [
            "« Travailler de mes mains », « Être dehors » : tu les as cochés, et c’est possible ici."
        ]


def test_unknown_filters_are_ignored() -> None:
    nonsense = {"q": "\x00", "semaine": "demain", "domaine": "MAGIE", "distance": "²", "metier": ""}
    assert wanted_of(nonsense) == Wanted()
    good = {"q": "vélo", "semaine": "2027-01-25", "domaine": "REEMPLOI_DECHETS", "distance": "10", "metier": "I1619"}
    assert wanted_of(good).arguments() == good
