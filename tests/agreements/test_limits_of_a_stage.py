"""What stands around a stage: a bar, a year whose holidays are not known, a public page asked too often."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.agreements import content, hours
from app.agreements.models import Agreement
from app.agreements.services import preparing
from app.agreements.states import AgreementState
from app.hosts.models import HostOrganization
from app.kernel.database import db, transaction
from app.kernel.errors import Invalid
from app.regulations import gateway
from app.regulations.schedules import Interval, Schedule, WeekHours
from tests.agreements import papers
from tests.world import World


def with_a_bar(world: World) -> Agreement:
    draft = papers.draft(world.here)
    with transaction():
        db.session.get_one(HostOrganization, world.here.organization_id).serves_alcohol = True
    return draft


def test_a_structure_with_a_bar_promises_to_keep_the_student_away(context: Flask, world: World) -> None:
    draft = with_a_bar(world)
    part = f"host:{draft.hosts[0].id}"
    assert [lack.field for lack in content.missing(draft)] == ["bar"]
    assert any(finding.rule == "HST-2" for finding in hours.findings(draft))
    with pytest.raises(Invalid) as refusal:
        preparing.open_signatures(draft, by=world.here.actor(Role.HEAD))
    assert f"{part}.bar" in refusal.value.fields
    preparing.complete_part(draft, part, {"bar": "away"}, by=world.here.actor(Role.HOST))
    assert not any(finding.rule == "HST-2" for finding in hours.findings(draft))
    opened = preparing.open_signatures(draft, by=world.here.actor(Role.HEAD))
    assert opened.state is AgreementState.OPEN
    assert opened.content is not None
    assert opened.content["hosts"][0]["bar"] == "away"


def test_only_a_structure_with_a_bar_is_asked(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        draft = papers.draft(world.here)
        url = f"/conventions/{draft.id}/completer/host:{draft.hosts[0].id}"
    host = world.sign_in(client, Role.HOST)
    assert "affecté au bar" not in host.get(url).text
    with app.app_context(), transaction():
        db.session.get_one(HostOrganization, world.here.organization_id).serves_alcohol = True
    assert "affecté au bar" in host.get(url).text


def test_public_holidays_are_known_even_without_a_school_calendar(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = papers.draft(world.here)
    assert not hours.holidays_unknown(draft)
    host = draft.hosts[0]
    friday = date(2027, 1, 1)  # New Year's Day
    day = WeekHours.uniform((Interval.at("09:00", "12:00"),), [4])
    with transaction():
        host.schedule = Schedule.for_week(date(2026, 12, 28), day).to_json()
        host.first_day = host.last_day = friday

    def unknown(_day: date) -> bool:
        raise gateway.UnknownYear("2027")

    monkeypatch.setattr(gateway, "is_school_holiday", unknown)
    assert gateway.public_holidays(date(2026, 12, 28), friday) == {friday: "c’est un jour férié (Jour de l'an)"}
    assert any(finding.rule == "CAL-1" for finding in hours.findings(draft))


def test_the_page_warns_when_the_school_calendar_is_not_published(
    app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        url = f"/conventions/{papers.draft(world.here).id}"
    head = world.sign_in(client, Role.HEAD)
    assert "Calendrier scolaire pas encore publié" not in head.get(url).text

    def unknown(_day: date) -> bool:
        raise gateway.UnknownYear("2027")

    monkeypatch.setattr(gateway, "is_school_holiday", unknown)
    assert "Calendrier scolaire pas encore publié" in head.get(url).text


def test_asking_for_reference_after_reference_is_slowed_down(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        known = papers.opened(world.here).reference
    asked = [client.get(f"/verification/ZZZZ{number:04d}").status_code for number in range(2000, 2140)]
    assert asked[0] == 404
    assert asked[-1] == 429
    assert client.get(f"/verification/{known}").status_code == 429
    assert client.get(f"/verification/{known}", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200
