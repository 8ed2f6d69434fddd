"""The editor of hours: what it reads, what it shows again, and what the rules answer while one types."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.access.policy import Role
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.regulations.rules import USUAL_WEEK, Interval, ScheduleError, WeekHours
from app.web.forms import Form
from app.web.schedules import WeekField
from tests.offers.test_views import EACH_DAY, HOURS, filled
from tests.world import World


class HoursForm(Form):
    hours = WeekField()


def read(context: Flask, **typed: str | list[str]) -> WeekField:
    with context.test_request_context():
        form = HoursForm(formdata=MultiDict({f"hours-{name.replace('__', '-')}": text for name, text in typed.items()}))
        form.hours.validate(form)
        return form.hours


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("09:00", 540),
        ("9h", 540),
        ("9h05", 545),
        ("9 h 05", 545),
        ("9:05", 545),
        ("09:05:00", 545),
        ("9", 540),
        ("9h\x00 ", 540),
    ],
)
def test_an_hour_is_understood_as_people_write_it(context: Flask, typed: str, minutes: int) -> None:
    hours = read(context, mon__morning_start=typed, mon__morning_end="12:00").data
    assert hours is not None
    start = hours.days[0][0].start
    assert start.hour * 60 + start.minute == minutes


@pytest.mark.parametrize("typed", ["neuf", "25:00", "09:75", "9-12", "²", "0" * 5000])
def test_what_is_no_hour_gets_a_sentence_and_stays(context: Flask, typed: str) -> None:
    field = read(context, mon__morning_start=typed, mon__morning_end="12:00")
    assert field.data is None
    assert field.errors == ["Lundi : Écrivez une heure, par exemple 09:00."]
    assert field.form.mon.form.morning_start.shown == typed


def test_the_rows_that_do_not_count_are_not_read(context: Flask) -> None:
    each = read(context, usual__morning_start="nonsense", tue__afternoon_start="13:00", tue__afternoon_end="16:00")
    assert each.data == WeekHours.of({1: [Interval.at("13:00", "16:00")]})
    same = read(
        context,
        same="y",
        days=["mon", "thu", "sun", "nope"],
        usual__morning_start="09:00",
        usual__morning_end="12:00",
        tue__morning_start="nonsense",
    )
    assert same.data == WeekHours.uniform([Interval.at("09:00", "12:00")], [0, 3])


@pytest.mark.parametrize(
    "hours",
    [
        USUAL_WEEK,
        WeekHours(),
        WeekHours.uniform([Interval.at("14:00", "17:00")], [2]),
        WeekHours.uniform([Interval.at("08:00", "11:00"), Interval.at("11:30", "12:30")], [0, 5]),
        WeekHours.of({0: [Interval.at("09:00", "13:00")], 4: [Interval.at("13:00", "17:00")]}),
    ],
)
def test_hours_shown_and_sent_back_unchanged_are_the_same(context: Flask, hours: WeekHours) -> None:
    with context.test_request_context():
        shown = HoursForm(formdata=None, data={"hours": hours}).hours.form
        sent: list[tuple[str, str]] = [("hours-same", "y")] if shown.same.data else []
        sent += [("hours-days", code) for code in shown.days.data]
        for row in (shown.usual, *shown.each):
            sent += [(control.name, control.shown) for control in row.form]
        assert HoursForm(formdata=MultiDict(sent)).hours.data == hours


def test_three_intervals_a_day_are_not_for_this_editor(context: Flask) -> None:
    three = WeekHours.uniform([Interval.at(f"{n:02d}:00", f"{n + 1:02d}:00") for n in (9, 11, 14)])
    with context.test_request_context(), pytest.raises(ScheduleError):
        HoursForm(formdata=None, data={"hours": three})


@pytest.fixture
def host(world: World, client: FlaskClient) -> FlaskClient:
    return world.sign_in(client, Role.HOST)


def answer(host: FlaskClient, **changes: str | list[str]) -> str:
    page = host.post("/offres/horaires", data={"levels": ["3e"], **HOURS, **changes})
    assert page.status_code == 200
    assert "<html" not in page.text
    return page.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_while_one_types_the_breach_is_said_with_its_article(host: FlaskClient) -> None:
    said = answer(host, **{"hours-usual-afternoon_end": "17:30"})
    assert "7 h 30 de présence, pauses non comprises : 7 h au plus par jour avant 16 ans (âge non connu)" in said
    assert "Retirez 30 min" in said
    assert "L3162-1" in said
    assert "ces horaires conviennent" not in said


def test_lawful_hours_are_said_to_be_so_and_short_ones_remarked(host: FlaskClient) -> None:
    assert "30 h dans la semaine : ces horaires conviennent." in answer(host)
    assert "C’est court : 2 jours et 12 h" in answer(host, **{"hours-days": ["mon", "tue"]})


def test_the_weeks_and_the_levels_typed_count(host: FlaskClient) -> None:
    seven = {"hours-usual-afternoon_end": "17:00"}
    assert "35 h dans la semaine : 30 h au plus avant 15 ans" in answer(host, **seven)
    assert "conviennent" in answer(host, **seven, levels=["2de"])


@pytest.mark.parametrize("nasty", ["", "x" * 10_000, "<script>alert(1)</script>", "\x00", "🦄"])
def test_nonsense_is_answered_quietly(host: FlaskClient, nasty: str) -> None:
    page = host.post("/offres/horaires", data={"hours-same": nasty, "hours-mon-morning_start": nasty, "levels": nasty})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_each_day_its_own_hours_are_stored_and_shown(app: Flask, world: World, host: FlaskClient) -> None:
    sent = host.post("/offres/nouvelle", data=filled(world, **EACH_DAY))
    assert sent.status_code == 303
    page = host.get(sent.location).text.replace("\u00a0", " ")
    assert "Lundi, jeudi et vendredi" in page
    assert "8 h 30 – 12 h et 13 h 30 – 17 h" in page
    with app.app_context():
        offer = db.session.scalars(select(PlacementOffer).order_by(PlacementOffer.id.desc())).first()
        assert offer is not None
        assert offer.schedule["tue"] == [["08:30", "12:00"], ["13:30", "17:00"]]
        assert offer.hours.weekdays == (0, 1, 3, 4)
    form = host.get(f"{sent.location}/modifier").text
    assert 'name="hours-same" value="y" data-schedule-same>' in form
    assert 'name="hours-mon-morning_start" aria-label="Matin, arrivée"' in form


def test_a_stored_offer_that_new_rules_refuse_says_so_to_its_structure(
    app: Flask, world: World, host: FlaskClient
) -> None:
    with app.app_context():
        offer = db.session.get(PlacementOffer, world.here.offer_id)
        assert offer is not None
        offer.schedule = WeekHours.uniform([Interval.at("05:00", "09:00")]).to_json()
        db.session.commit()
    assert "c’est encore la nuit" in host.get(f"/offres/{world.here.offer_id}").text
    student = world.sign_in(app.test_client(), Role.STUDENT)
    assert "c’est encore la nuit" not in student.get(f"/offres/{world.here.offer_id}").text
