"""The second campaign of the demo: what it shows, that it is told once, and that everything in it is genuine."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts import totp
from app.accounts.rules import DEMO_SECRET
from app.agreements import content, evidence
from app.agreements import queries as agreement_queries
from app.agreements.models import Agreement, StoredDocument
from app.agreements.queries import chain
from app.agreements.states import AgreementState, Medium, SignatureState
from app.agreements.storage import read
from app.campaigns import queries as campaign_queries
from app.campaigns.states import Phase
from app.demo import autumn, guests, loading, story
from app.feedback.models import Certificate, StudentFeedback, TutorFeedback
from app.kernel import clock
from app.kernel.database import db
from app.placements.models import Placement
from app.placements.stage_models import FollowUp
from app.placements.states import PlacementState
from tests.conftest import NOVEMBER, Templates
from tests.demo.test_loading import application, counts


@pytest.fixture(scope="module")
def told_folder(sqlite_templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("story")
    shutil.copy(sqlite_templates.empty, folder / "passerelle.db")
    app = application(folder)
    with time_machine.travel(NOVEMBER, tick=True), app.app_context():
        loading.load()
        assert story.tell()
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture
def told(told_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    shutil.copytree(told_folder, tmp_path / "story")
    app = application(tmp_path / "story")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def placements() -> list[Placement]:
    return list(db.session.scalars(select(Placement)))


def test_every_state_of_a_stage_is_there(told: Flask) -> None:
    states = Counter(placement.state for placement in placements())
    shown = {
        PlacementState.TO_VERIFY,
        PlacementState.AWAITING,
        PlacementState.CONFIRMED,
        PlacementState.DECLINED,
        PlacementState.CANCELLED,
        PlacementState.UNDER_WAY,
        PlacementState.COMPLETED,
    }
    assert shown <= set(states), states
    assert db.session.scalars(select(FollowUp)).one().planned_on >= clock.today()
    for table in (StudentFeedback, TutorFeedback, Certificate):
        assert len(db.session.scalars(select(table)).all()) == 2


def test_every_state_of_an_agreement_is_there(told: Flask) -> None:
    agreements = [
        a for a in db.session.scalars(select(Agreement)) if (found := agreement_queries.by_id(a.id)) and found
    ]
    assert {agreement.state for agreement in agreements} == set(AgreementState)
    drafts = [agreement for agreement in agreements if agreement.state is AgreementState.DRAFT]
    assert [lack.field for lack in content.missing(drafts[0])] == ["tutor_phone"]
    media = [
        sorted(str(party.medium) for party in agreement.parties if party.state is SignatureState.SIGNED)
        for agreement in agreements
        if agreement.state is AgreementState.OPEN
    ]
    assert [Medium.ELECTRONIC, Medium.PAPER] in media
    changed = [a for a in agreements if evidence.Event.REOPENED in {row.event for row in chain.rows(a.id)}]
    assert changed


def test_nothing_in_it_is_forged(told: Flask) -> None:
    for agreement in db.session.scalars(select(Agreement)).all():
        assert evidence.verify(agreement) == ()
    assert all(read(document) for document in db.session.scalars(select(StoredDocument)))
    under_way = [p.id for p in placements() if p.state in {PlacementState.UNDER_WAY, PlacementState.COMPLETED}]
    assert agreement_queries.sealed(under_way) == set(under_way)
    assert all(placement.published_at <= clock.now() for placement in placements())


def test_told_twice_it_is_told_once(told: Flask) -> None:
    before = counts()
    assert not story.tell()
    assert counts() == before


def test_the_campaign_of_3e_stays_the_current_one(told: Flask) -> None:
    current = campaign_queries.current(guests.coordinator())
    assert current is not None
    assert current.name != autumn.NAME
    assert current.phase is Phase.WISHES


def test_the_table_says_whom_to_be(told: Flask) -> None:
    accounts_of_4e = [line.role for line in guests.lines()][-5:]
    assert accounts_of_4e == [
        "Professeur principal, 4A",
        "Structure qui doit répondre",
        "Élève de 4e, stage terminé",
        "Élève de 4e, stage en cours",
        "Élève de 4e, stage à venir",
    ]
    client = told.test_client()
    links = re.findall(r"http://[^/]+(/famille/\S+)", guests.table())
    assert len(links) == 2
    assert all(client.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize("login", [1, 3, -5], ids=["coordinator", "head", "teacher"])
def test_staff_reach_the_agreements_of_the_other_campaign(told: Flask, login: int) -> None:
    told.config["WTF_CSRF_ENABLED"] = False
    line, client = guests.lines()[login], told.test_client()
    client.post("/connexion/adresse", data={"email": line.identifier, "password": line.secret})
    client.post("/connexion/code", data={"code": totp.code_at(DEMO_SECRET, totp.step_at(clock.now()))})  # coordinators
    campaign = autumn.of_territory(guests.coordinator().territory_id or 0)
    assert campaign is not None
    client.post(f"/campagne/{campaign.id}/choisir")
    names = {agreement.student.last_name for agreement in db.session.scalars(select(Agreement))}
    page = client.get("/conventions").text
    assert sum(name in page for name in names) >= 3
    assert "4A" in client.get("/suivi").text


@pytest.mark.parametrize(
    ("today", "weeks"),
    [
        (date(2026, 11, 22), ("2026-11-16", "2026-11-23", "2026-11-30")),  # a Sunday
        (date(2026, 11, 25), ("2026-11-16", "2026-11-23", "2026-12-07")),
        (date(2026, 12, 25), ("2026-12-14", "2027-01-04", "2027-01-11")),  # in the holidays
    ],
    ids=str,
)
def test_weeks_are_around_today(today: date, weeks: tuple[str, ...]) -> None:
    found = autumn.weeks_around(today, loading.is_stage_week)
    assert tuple(map(str, found.all)) == weeks
