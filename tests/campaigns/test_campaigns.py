"""Territories and campaigns: weeks outside the holidays, phases by their table, wrong input said beside its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.campaigns import queries, rules, services
from app.campaigns.models import Campaign
from app.campaigns.rules import CampaignDraft
from app.campaigns.states import Phase
from app.kernel.database import db
from app.kernel.errors import Forbidden, Hidden, IllegalTransition, Invalid
from app.regulations import gateway
from tests.world import World


@pytest.mark.parametrize(
    ("monday", "allowed"),
    [
        (date(2026, 10, 19), False),  # Toussaint
        (date(2026, 10, 26), False),
        (date(2026, 11, 2), True),
        (date(2026, 11, 9), False),  # 11 November
        (date(2026, 12, 14), True),
        (date(2026, 12, 21), False),  # Noël
        (date(2027, 1, 25), True),
        (date(2027, 1, 26), False),  # a Tuesday
        (date(2027, 2, 15), True),
        (date(2027, 2, 22), False),  # hiver, zone B
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2027, 4, 19), False),  # printemps
        (date(2027, 5, 17), False),  # Whit Monday
    ],
)
def test_weeks_outside_holidays_and_public_holidays(context: Flask, monday: date, allowed: bool) -> None:
    problem = rules.week_problem(
        monday, is_school_holiday=gateway.is_school_holiday, public_holiday=gateway.public_holiday
    )
    assert (problem is None) is allowed


def test_the_offered_mondays_hold_the_usual_weeks_of_3e(context: Flask) -> None:
    mondays = queries.open_mondays("2026-2027")
    assert {date(2026, 12, 14), date(2027, 1, 25), date(2027, 2, 1), date(2027, 2, 8)} <= set(mondays)
    assert all(monday.weekday() == 0 for monday in mondays)


def test_communes_are_read_line_by_line(context: Flask) -> None:
    text = "\n".join(
        (
            "62427;Hénin-Beaumont;62110;50.40923;2.95900",
            "",
            " 62274 ; Dourges;62119;50,43939;2,98727",
            "x;y",
            "62427;Encore;62110;50.4;2.9",
            "1;2;3;4;5",
        )
    )
    communes, problems = rules.parse_communes(text)
    assert [c.name for c in communes] == ["Hénin-Beaumont", "Dourges"]
    assert communes[1].lat == 50.43939
    assert [number for number, _ in problems] == [4, 5, 6]


DRAFT = CampaignDraft(
    name="Stages de 4e",
    school_year="2026-2027",
    levels=("4e",),
    max_wishes=6,
    offers_open_on=date(2026, 9, 1),
    wishes_open_on=date(2026, 11, 2),
    wishes_close_on=date(2026, 12, 18),
    publish_on=date(2027, 1, 8),
    mondays=(date(2027, 1, 25),),
)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mondays": ()}, "mondays"),
        ({"mondays": (date(2027, 2, 22),)}, "mondays"),
        ({"mondays": (date(2040, 1, 2),)}, "mondays"),
        ({"wishes_open_on": date(2026, 8, 1)}, "wishes_open_on"),
        ({"wishes_close_on": date(2026, 11, 2)}, "wishes_close_on"),
        ({"publish_on": date(2026, 12, 1)}, "publish_on"),
        ({"publish_on": date(2027, 1, 25)}, "publish_on"),
        ({"name": "Stages de 3e"}, "name"),
    ],
)
def test_a_campaign_that_does_not_hold_together(
    context: Flask, world: World, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.save_campaign(replace(DRAFT, **change), by=world.here.actor(Role.COORDINATOR))  # type: ignore[arg-type]
    assert field in refused.value.fields
    assert db.session.scalar(select(func.count()).select_from(Campaign)) == 2


@pytest.mark.both_engines
def test_a_campaign_is_made_then_changed(context: Flask, world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    campaign = services.save_campaign(DRAFT, by=coordinator)
    assert campaign.phase is Phase.COLLECTING
    changed = services.save_campaign(
        replace(DRAFT, mondays=(date(2027, 1, 25), date(2027, 2, 1))), by=coordinator, campaign=campaign
    )
    assert changed.id == campaign.id
    assert len(changed.weeks) == 2
    with pytest.raises(Forbidden):
        services.save_campaign(DRAFT, by=world.there.actor(Role.COORDINATOR), campaign=campaign)


@pytest.mark.both_engines
def test_phases_move_by_their_table(context: Flask, world: World) -> None:
    coordinator, campaign_id = world.here.actor(Role.COORDINATOR), world.here.campaign_id
    with pytest.raises(IllegalTransition):
        services.change_phase(campaign_id, "start", by=coordinator)
    services.change_phase(campaign_id, "close_wishes", by=coordinator)
    entries = db.session.scalar(select(func.count()).select_from(JournalEntry))
    assert services.change_phase(campaign_id, "close_wishes", by=coordinator).phase is Phase.DECISIONS
    assert db.session.scalar(select(func.count()).select_from(JournalEntry)) == entries
    with pytest.raises(Invalid):
        services.change_phase(campaign_id, "reopen_wishes", by=coordinator)
    assert services.change_phase(campaign_id, "reopen_wishes", by=coordinator, reason="Neige").phase is Phase.WISHES
    with pytest.raises(Forbidden):
        services.change_phase(campaign_id, "close_wishes", by=world.here.actor(Role.TEACHER))
    with pytest.raises(Hidden):
        services.change_phase(987654, "close_wishes", by=coordinator)


def test_each_role_reads_the_phase(client: FlaskClient, world: World) -> None:
    for role in (Role.STUDENT, Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR, Role.OBSERVER):
        answer = world.sign_in(client, role).get("/campagne")
        assert answer.status_code == 200
        assert "Stages de 3e" in answer.text
        assert ("Clore les vœux" in answer.text) is (role is Role.COORDINATOR)


@pytest.mark.parametrize("nasty", ["", "x" * 10_000, "🦄" * 300, "<script>alert(1)</script>", "2026-02-30", "-1"])
def test_wrong_campaign_input_keeps_what_was_typed(client: FlaskClient, world: World, nasty: str) -> None:
    world.sign_in(client, Role.COORDINATOR)
    fields = (
        "name",
        "levels",
        "max_wishes",
        "offers_open_on",
        "wishes_open_on",
        "wishes_close_on",
        "publish_on",
        "mondays",
    )
    answer = client.post("/campagne/nouvelle", data=dict.fromkeys(fields, nasty))
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "Invalid" not in answer.text
    assert "Not a valid" not in answer.text


def test_a_week_in_the_holidays_cannot_be_posted(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.COORDINATOR)
    data = {
        "name": "Autre",
        "school_year": "2026-2027",
        "levels": "3e",
        "max_wishes": "6",
        "offers_open_on": "2026-09-01",
        "wishes_open_on": "2026-11-02",
        "wishes_close_on": "2026-12-18",
        "publish_on": "2027-01-08",
        "mondays": "2027-02-22",
    }
    answer = client.post("/campagne/nouvelle", data=data)
    assert answer.status_code == 422
    assert 'value="Autre"' in answer.text
    assert client.post("/campagne/nouvelle", data=data | {"mondays": "2027-01-25"}).status_code == 303


def test_the_administrator_opens_a_territory(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.ADMIN)
    data = {
        "name": "Béthune-Bruay",
        "operator": "Ligue 62",
        "contact_email": "contact@passerelle.example",
        "communes": "62119;Béthune;62400;50.53;2.64",
    }
    assert client.post("/territoires/nouveau", data=data | {"communes": "62119;Béthune"}).status_code == 422
    answer = client.post("/territoires/nouveau", data=data)
    assert answer.status_code == 303
    invited = client.post(
        answer.location, data={"name": "Zoé", "email": "zoe@passerelle.example", "role": Role.COORDINATOR.value}
    )
    assert invited.status_code == 303
    assert client.post("/territoires/nouveau", data=data).status_code == 422
