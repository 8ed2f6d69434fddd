"""Weeks, days and hours, in French and in the languages of the families."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask

from app.regulations import words
from app.regulations.schedules import USUAL_WEEK
from app.web import wording
from app.web.languages import speaking

WEEKS = {
    "fr": "du lundi 25 au vendredi 29 janvier",
    "fr-facile": "du lundi 25 janvier au vendredi 29 janvier",
    "en": "from Monday 25 January to Friday 29 January",
    "ar": "من الاثنين 25 يناير إلى الجمعة 29 يناير",
    "pl": "poniedziałek 25 stycznia – piątek 29 stycznia",
    "it": "da lunedì 25 gennaio a venerdì 29 gennaio",
    "pt": "de segunda-feira, 25 de janeiro a sexta-feira, 29 de janeiro",
}
HOURS = {
    "fr": "du lundi au vendredi : 9 h – 12 h et 13 h – 16 h",
    "en": "from Monday to Friday: 9:00 – 12:00 and 13:00 – 16:00",
    "ar": "من الاثنين إلى الجمعة: من 9:00 إلى 12:00 ومن 13:00 إلى 16:00",
    "pl": "poniedziałek – piątek: 9:00 – 12:00 i 13:00 – 16:00",
    "it": "da lunedì a venerdì: 9:00 – 12:00 e 13:00 – 16:00",
    "pt": "de segunda-feira a sexta-feira: 9:00 – 12:00 e 13:00 – 16:00",
}


def plain(text: str) -> str:
    return re.sub("[\u2068\u2069]", "", re.sub("[\u00a0\u202f]", " ", text))


@pytest.mark.parametrize(("code", "said"), WEEKS.items())
def test_a_week(app: Flask, code: str, said: str) -> None:
    with app.app_context(), speaking(code):
        assert plain(wording.week(date(2027, 1, 25))) == said


@pytest.mark.parametrize(("code", "said"), HOURS.items())
def test_hours(app: Flask, code: str, said: str) -> None:
    with app.app_context(), speaking(code):
        assert [plain(line) for line in USUAL_WEEK.sentences()] == [said]


def test_the_first_of_a_month_and_a_moment(app: Flask) -> None:
    first, noon = date(2027, 2, 1), datetime(2027, 2, 1, 11, 5, tzinfo=UTC)
    with app.app_context():
        assert (words.day(first), plain(wording.moment(noon))) == ("lundi 1er février", "lundi 1er février à 12 h 05")
        with speaking("en"):
            assert (words.day(first), words.hour(time(9, 30))) == ("Monday 1 February", "9:30")
            assert wording.moment(noon) == "Monday 1 February at 12:05"
        with speaking("pt"):
            assert words.day(first) == "segunda-feira, 1 de fevereiro"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (5, "5\u00a0min"),
        (90, "90\u00a0min"),
        (95, "1\u00a0h\u00a035"),
        (160, "2\u00a0h\u00a040"),
        (180, "3\u00a0h"),
    ],
)
def test_a_long_way_is_told_in_hours(minutes: int, said: str) -> None:
    assert wording.duration(minutes) == said
