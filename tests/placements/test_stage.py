from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.kernel.clock import PARIS
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, IllegalTransition, Invalid
from app.offers.models import PlacementOffer, Slot
from app.placements import links, services
from app.placements.services import staging, unsigned, visiting
from app.placements.stage_models import FollowUp
from app.placements.stage_rules import FollowUpDraft
from app.placements.stage_states import FollowUpState
from app.placements.states import PlacementState
from app.regulations.schedules import Interval, WeekHours
from app.schools.models import LegalGuardian, SchoolClass, Student
from tests.placements.stages import MONDAY, at, mails, placement_of, ready, sign
from tests.world import World


@pytest.fixture
def stage(app: Flask, deciding: World) -> World:
    return ready(app, deciding)


def calendar(client: FlaskClient, url: str) -> list[dict[str, object]]:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    read = Calendar.from_ical(answer.data)
    assert read["method"] in {"PUBLISH", "CANCEL"}
    return list(read.walk("VEVENT"))


@pytest.mark.both_engines
def test_a_confirmed_stage_begins_and_ends_by_the_calendar(context: Flask, stage: World) -> None:
    land = stage.here

    def states() -> list[PlacementState]:
        db.session.expire_all()
        return [placement_of(land, index).state for index in (0, 1)]

    sign(land)
    staging.follow_calendar()
    assert states() == [PlacementState.CONFIRMED, PlacementState.AWAITING]
    for moment, expected in (
        (MONDAY.replace(hour=0, minute=1), PlacementState.UNDER_WAY),
        (MONDAY + timedelta(days=4), PlacementState.UNDER_WAY),
        (MONDAY + timedelta(days=5), PlacementState.COMPLETED),
    ):
        with at(moment):
            staging.follow_calendar()
            staging.follow_calendar()
        assert states()[0] is expected
    actions = db.session.scalars(
        select(JournalEntry.action).where(
            JournalEntry.object_type == "Placement", JournalEntry.object_id == placement_of(land).id
        )
    ).all()
    assert [a for a in actions if a in {"placement.start", "placement.complete"}] == [
        "placement.start",
        "placement.complete",
    ]
    with at(MONDAY + timedelta(days=7)):
        staging.follow_calendar()
    assert states()[1] is PlacementState.AWAITING  # nobody confirmed: the calendar decides nothing


def test_a_worker_back_from_a_long_stop_catches_up(context: Flask, stage: World) -> None:
    sign(stage.here)
    with at(MONDAY + timedelta(days=30)):
        staging.follow_calendar()
    assert placement_of(stage.here).state is PlacementState.COMPLETED


def test_no_stage_begins_without_an_agreement_signed_by_all(app: Flask, stage: World, client: FlaskClient) -> None:
    land = stage.here
    with app.app_context():
        for moment in (MONDAY - timedelta(days=4), MONDAY - timedelta(days=3), MONDAY - timedelta(days=1), MONDAY):
            with at(moment):
                staging.follow_calendar()
                unsigned.warn()
                unsigned.warn()
            told = mails("stage_unsigned")
            assert len(told) == (0 if moment == MONDAY - timedelta(days=4) else 2), moment
        assert len({mail.to_email for mail in told}) == 2
        assert "lundi 25" in told[0].subject
        assert placement_of(land).state is PlacementState.CONFIRMED
        number = placement_of(land).id
    for role in (Role.TEACHER, Role.HEAD, Role.COORDINATOR):
        for url in ("/suivi", f"/stages/{number}/suivi", f"/stages/{number}"):
            with at(MONDAY):
                assert "commence aujourd’hui, convention non signée" in stage.sign_in(client, role).get(url).text
    with app.app_context():
        sign(land)
        with at(MONDAY):
            staging.follow_calendar()
        db.session.expire_all()
        assert placement_of(land).state is PlacementState.UNDER_WAY
    with at(MONDAY):
        assert "convention non signée" not in stage.sign_in(client, Role.TEACHER).get("/suivi").text


@pytest.mark.both_engines
def test_an_interruption_needs_a_reason_and_frees_the_seat(context: Flask, stage: World) -> None:
    land = stage.here
    coordinator = land.actor(Role.COORDINATOR)
    placement = placement_of(land)
    sign(land)
    with pytest.raises(IllegalTransition):
        staging.interrupt(placement.id, "Trop tôt", by=coordinator)
    with at(MONDAY):
        staging.follow_calendar()
        with pytest.raises(Invalid):
            staging.interrupt(placement.id, " ", by=coordinator)
        with pytest.raises(Forbidden):
            staging.interrupt(placement.id, "Non", by=land.actor(Role.TEACHER))
        staging.interrupt(placement.id, "La structure ferme.", by=coordinator)
        staging.interrupt(placement.id, "La structure ferme.", by=coordinator)
    assert placement_of(land).state is PlacementState.INTERRUPTED
    assert db.session.get_one(Slot, placement.slot_id).taken == 0
    assert len(mails("placement_undone_family")) == 1


def test_each_reader_s_calendar(app: Flask, stage: World, client: FlaskClient) -> None:
    with app.app_context():
        guardian = db.session.get_one(LegalGuardian, stage.here.guardian_id)
        token = links.token_for(guardian)
    mine = calendar(stage.sign_in(client, Role.STUDENT), "/mon-stage/agenda.ics")
    assert [event["dtstart"].dt for event in mine] == [
        datetime.combine(date(2027, 1, 25) + timedelta(days=n), time(9), PARIS) for n in range(5)
    ]
    assert mine[0]["dtstart"].params["TZID"] == "Europe/Paris"
    assert mine[0]["dtend"].dt.time() == time(16)
    assert {event["status"] for event in mine} == {"CONFIRMED"}
    assert "Ressourcerie" in mine[0]["summary"]
    family = calendar(client, f"/famille/{token}/agenda.ics")
    assert [e["uid"] for e in family] == [e["uid"] for e in mine]
    assert client.get(f"/famille/{token}x/agenda.ics").status_code == 404
    host = stage.sign_in(client, Role.HOST).get("/mes-stagiaires/agenda.ics").text
    assert "Lina" in host
    assert "Wojcik" not in host
    teacher = calendar(stage.sign_in(client, Role.TEACHER), f"/classes/{stage.here.class_id}/agenda.ics")
    assert any("Wojcik" in event["summary"] for event in teacher)
    assert len({event["uid"] for event in teacher}) == len(teacher) == 10


def test_a_change_keeps_the_uid_and_raises_the_sequence(app: Flask, stage: World, client: FlaskClient) -> None:
    url = "/mon-stage/agenda.ics"
    before = calendar(stage.sign_in(client, Role.STUDENT), url)
    with at(MONDAY - timedelta(days=20)), app.app_context(), transaction():
        offer = db.session.get_one(PlacementOffer, stage.here.offer_id)
        offer.schedule = WeekHours.uniform((Interval.at("10:00", "12:00"), Interval.at("13:00", "15:00"))).to_json()
        offer.updated_at = datetime.now(PARIS)
    changed = calendar(client, url)
    assert [e["uid"] for e in changed] == [e["uid"] for e in before]
    assert changed[0]["dtstart"].dt.time() == time(10)
    assert changed[0]["sequence"] > before[0]["sequence"]
    with at(MONDAY - timedelta(days=10)), app.app_context():
        services.cancel(placement_of(stage.here).id, "La structure ferme.", by=stage.here.actor(Role.COORDINATOR))
    cancelled = calendar(client, url)
    assert {event["status"] for event in cancelled} == {"CANCELLED"}
    assert [e["uid"] for e in cancelled] == [e["uid"] for e in before]
    assert cancelled[0]["sequence"] > changed[0]["sequence"]
    assert b"METHOD:CANCEL" in client.get(url).data


def test_the_student_s_sheet_says_it_all_in_tu(stage: World, client: FlaskClient) -> None:
    page = stage.sign_in(client, Role.STUDENT).get("/mon-stage/feuille").text
    for words in ("12 rue des Mineurs", "Karim Lefebvre", "lundi 25", "9\u00a0h", "À vélo", "estimations", "Tu as le"):
        assert words in page, words
    assert "<svg" in page
    assert "km" in page
    assert "https://www.passpass.fr/" in page


def test_no_planner_no_link(app: Flask, stage: World, client: FlaskClient) -> None:
    app.config["SETTINGS"].journey_planner_url = ""
    assert "horaires de bus" not in stage.sign_in(client, Role.STUDENT).get("/mon-stage/feuille").text
    app.config["SETTINGS"].journey_planner_url = "https://trajets.example/?vers={lat},{lon}&nom={place}"
    page = client.get("/mon-stage/feuille").text
    assert "vers=50.41000,2.96000&amp;nom=12%20rue%20des%20Mineurs%2C%20H%C3%A9nin-Beaumont" in page


def test_a_host_reads_a_first_name_the_school_s_number_once_agreed_and_no_family_s(
    app: Flask, stage: World, client: FlaskClient
) -> None:
    land = stage.here
    with app.app_context(), transaction():
        guardian = db.session.get_one(LegalGuardian, land.guardian_id)
        guardian.phone = "06 12 34 56 78"
        agreed, awaited = placement_of(land, 0).id, placement_of(land, 1).id
    host = stage.sign_in(client, Role.HOST)
    pages = {
        placement_id: [host.get(f"/stages/{placement_id}/{page}").text for page in ("accueil", "alerte")]
        for placement_id in (agreed, awaited)
    }
    everywhere = [*pages[agreed], *pages[awaited], host.get("/mes-stagiaires").text]
    for page in everywhere:
        for secret in ("06 12", "0612345678", "Wojcik", "Delattre", "famille1@mail.example", "Anna"):
            assert secret not in page
    for page in pages[agreed]:
        assert "03 21 00 00 01" in page
    for page in pages[awaited]:
        assert "03 21 00 00 01" not in page
    sheet = pages[agreed][0]
    for words in ("DUERP", "D4153-27", "15 ou le 112", "Lina", "lundi 25"):
        assert words in sheet, words
    assert host.get(f"/stages/{agreed}/feuille").status_code == 403
    stranger = stage.sign_in(client, Role.HOST, stage.there)
    assert stranger.get(f"/stages/{agreed}/accueil").status_code == 404
    student = stage.sign_in(client, Role.STUDENT)
    assert student.get(f"/stages/{agreed}/accueil").status_code == 404


@pytest.mark.both_engines
def test_a_visit_is_planned_changed_and_made(context: Flask, stage: World) -> None:
    land = stage.here
    teacher = land.actor(Role.TEACHER)
    placement = placement_of(land)
    assert teacher.user_id is not None
    draft = FollowUpDraft("visit", teacher.user_id, date(2027, 1, 28))
    first = visiting.plan(placement, draft, by=teacher)
    assert visiting.plan(placement, draft, by=teacher).id == first.id
    again = visiting.plan(placement, FollowUpDraft("call", land.users[Role.HEAD], date(2027, 1, 27)), by=teacher)
    assert again.id == first.id
    with pytest.raises(Invalid, match="du collège"):
        visiting.plan(placement, FollowUpDraft("call", land.users[Role.HOST], date(2027, 1, 27)), by=teacher)
    with pytest.raises(Invalid, match="asthmatique"):
        visiting.do(first.id, "Lina est asthmatique.", by=teacher)
    done = visiting.do(first.id, "Elle remonte un dérailleur.", by=teacher)
    assert (done.state, done.note) == (FollowUpState.DONE, "Elle remonte un dérailleur.")
    visiting.do(first.id, "Elle remonte un dérailleur.", by=teacher)
    with pytest.raises(IllegalTransition):
        visiting.drop(first.id, by=teacher)
    second = visiting.plan(placement, draft, by=teacher)
    assert visiting.drop(second.id, by=teacher).state is FollowUpState.DROPPED
    assert db.session.scalars(select(FollowUp)).all() == [first, second]
    for stranger in (stage.there.actor(Role.TEACHER), land.actor(Role.HOST)):
        with pytest.raises(Forbidden):
            visiting.plan(placement, draft, by=stranger)


def test_what_is_called_off_is_not_followed(context: Flask, stage: World) -> None:
    land = stage.here
    services.cancel(placement_of(land).id, "La structure ferme.", by=land.actor(Role.COORDINATOR))
    with pytest.raises(Conflict):
        visiting.plan(
            placement_of(land),
            FollowUpDraft("call", land.users[Role.TEACHER], date(2027, 1, 27)),
            by=land.actor(Role.TEACHER),
        )


def test_the_follow_up_pages(app: Flask, stage: World, client: FlaskClient) -> None:
    land = stage.here
    with app.app_context():
        placement_id = placement_of(land).id
    teacher = stage.sign_in(client, Role.TEACHER)
    assert "Rien de prévu" in teacher.get("/suivi").text
    url = f"/stages/{placement_id}/suivi"
    wrong = teacher.post(url, data={"kind": "visit", "user_id": "0", "planned_on": "hier"})
    assert wrong.status_code == 422
    planned = {"kind": "visit", "user_id": land.users[Role.TEACHER], "planned_on": "2027-01-28"}
    assert teacher.post(url, data=planned).status_code == 303
    page = teacher.get(url).text
    assert "Visite prévue jeudi 28 janvier" in page
    with app.app_context():
        follow_up_id = db.session.scalars(select(FollowUp.id)).one()
    refused = teacher.post(f"/suivis/{follow_up_id}/fait", data={"note": "Il a la grippe"})
    assert refused.status_code == 422
    assert "Il a la grippe" in refused.text
    assert teacher.post(f"/suivis/{follow_up_id}/fait", data={"note": "Tout va bien"}).status_code == 303
    assert "Fait" in teacher.get("/suivi").text
    for role in (Role.HEAD, Role.COORDINATOR):
        assert "Lina Wojcik" in stage.sign_in(client, role).get("/suivi").text
    stranger = stage.sign_in(client, Role.TEACHER, stage.there)
    assert "Wojcik" not in stranger.get("/suivi").text
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"/suivis/{follow_up_id}/fait", data={"note": ""}).status_code == 404


def test_a_class_s_sheets_one_a_page(stage: World, client: FlaskClient) -> None:
    page = stage.sign_in(client, Role.TEACHER).get(f"/classes/{stage.here.class_id}/feuilles").text
    assert page.count('<h2 id="sheet-') == 2
    assert page.count("page-break") == 1


def test_the_list_asks_as_many_questions_for_two_students_as_for_one(
    app: Flask, stage: World, client: FlaskClient
) -> None:
    from sqlalchemy import event

    with app.app_context():
        engine = db.engine
    counts = []
    teacher = stage.sign_in(client, Role.TEACHER)
    for hide in (True, False):
        with app.app_context(), transaction():
            placement_of(stage.here, 1).state = PlacementState.CANCELLED if hide else PlacementState.AWAITING
        seen: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_rest: object, into: list[str] = seen) -> None:
            into.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        assert teacher.get("/suivi").status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        counts.append(sum("SELECT" in statement for statement in seen))
    assert counts[0] == counts[1] <= 14


def test_many_classes_are_followed_page_by_page(
    app: Flask, client: FlaskClient, stage: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = stage.sign_in(client, Role.COORDINATOR)
    assert "Classes suivantes" not in coordinator.get("/suivi").text
    with app.app_context(), transaction():
        land = stage.here
        first = db.session.get_one(SchoolClass, land.class_id)
        other = SchoolClass(
            territory_id=land.territory_id,
            school_id=land.school_id,
            campaign_id=land.campaign_id,
            name="3Z",
            level=first.level,
            code="ZZZZ3Z",
        )
        db.session.add(other)
        db.session.flush()
        db.session.get_one(Student, land.student_ids[1]).class_id = other.id
    monkeypatch.setattr("app.placements.views.visits.CLASSES_A_PAGE", 1)
    pages = [coordinator.get(f"/suivi?page={number}").text for number in (1, 2, 9)]
    assert "Classes suivantes" in pages[0]
    assert "Suivi de la classe 3Z" not in pages[0]
    assert "Suivi de la classe 3Z" in pages[1]
    assert "Classes précédentes" in pages[2]
