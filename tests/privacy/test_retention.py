"""Two school years go by: announced, forgotten, proved; held back; killed in the middle; figures that stay."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.access.policy import Role
from app.accounts.models import User
from app.agreements.models import Agreement, Evidence, StoredDocument
from app.allocation.models import PlacementProposal
from app.audit.models import JournalEntry
from app.feedback.models import StudentFeedback
from app.kernel import clock
from app.kernel.clock import PARIS
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.kernel.holdings import SubjectKind
from app.messaging.models import OutboxMessage
from app.placements.models import Placement
from app.privacy.models import Erasure, PrivacyRequest
from app.privacy.queries import retention as queries
from app.privacy.queries import subjects
from app.privacy.retention_models import RetentionHold, RetentionNotice, RetentionPass, RetentionRun
from app.privacy.rules import RequestDraft
from app.privacy.services import asking, erasing, keeping, retaining
from app.privacy.states import RequestState, Right
from app.schools.models import Student
from app.statistics.models import FiguresSnapshot
from app.wishes.models import InterestProfile, Wish, WishList
from tests.privacy import road, traces
from tests.privacy.rights import draft
from tests.world import Land, World

ANNOUNCED, DUE = date(2027, 10, 1), date(2027, 10, 31)  # of the wishes of 2026-2027


@contextmanager
def on(day: date) -> Iterator[None]:
    with time_machine.travel(datetime(day.year, day.month, day.day, 9, tzinfo=PARIS), tick=True):
        yield
        db.session.remove()


def retained(day: date) -> list[str]:
    """The rules applied on that day, with the site's own."""
    with on(day):
        done = [run.rule for run in retaining.retain(day)]
        db.session.remove()
        return done


def count(model: type[object], *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]  # clauses


def rows_of(land: Land) -> tuple[int, int, int]:
    """Wishes, profiles and proposals of this land's students."""
    own = Student.territory_id == land.territory_id
    return (
        count(Wish, Wish.wish_list_id.in_(select(WishList.id).join(WishList.student).where(own))),
        count(InterestProfile, InterestProfile.student_id.in_(select(Student.id).where(own))),
        count(PlacementProposal, PlacementProposal.student_id.in_(select(Student.id).where(own))),
    )


@pytest.mark.both_engines
def test_a_student_over_two_school_years(app: Flask, world: World) -> None:
    walked = road.walk(app, world, signed=True)
    land = walked.land
    with app.app_context():
        waiting = update(PrivacyRequest).where(PrivacyRequest.state == RequestState.ASKED)
        db.session.execute(waiting.values(state=RequestState.WITHDRAWN, closed_at=clock.now()))
        db.session.commit()
        # The first year ends. Nothing of the children goes before its time.
        assert not {"wishes", "proposals", "students"} & set(retained(date(2027, 6, 2)))
        before = rows_of(land)
        assert min(before) > 0
        signed = count(
            Agreement,
            Agreement.signed_at.is_not(None),
            Agreement.archived_at.is_(None),
            Agreement.territory_id == land.territory_id,
        )
        notice = db.session.scalars(
            select(RetentionNotice).where(
                RetentionNotice.rule == "archive", RetentionNotice.territory_id == land.territory_id
            )
        ).one()
        assert (notice.due_on, notice.counts) == (date(2027, 8, 1), {"agreement": signed})
        assert "archive" in retained(date(2027, 8, 1))
        agreement = db.session.get_one(Agreement, walked.signed_ids[0])
        assert agreement.archived_at is not None

        # Announced a month before, in one mail, with counts and a date.
        retained(ANNOUNCED)
        notices = {
            row.rule: row
            for row in db.session.scalars(
                select(RetentionNotice).where(
                    RetentionNotice.territory_id == land.territory_id, RetentionNotice.done_at.is_(None)
                )
            )
        }
        assert {"wishes", "proposals", "stage_words"} <= set(notices)
        assert notices["wishes"].due_on == DUE
        assert notices["wishes"].counts["wish"] == before[0]
        mails = select(OutboxMessage).where(
            OutboxMessage.kind == "retention_announced", OutboxMessage.territory_id == land.territory_id
        )
        announced = db.session.scalars(mails.order_by(OutboxMessage.id)).all()[-1]
        assert "31 octobre" in announced.text
        assert str(sum(notices["wishes"].counts.values())) in announced.text
        assert road.LAST not in announced.text

        assert "wishes" not in retained(date(2027, 10, 30))
        assert rows_of(land) == before
        assert {"wishes", "proposals", "stage_words"} <= set(retained(DUE))
        assert rows_of(land) == (0, 0, 0)
        assert count(Placement, Placement.territory_id == land.territory_id) > 0  # the stage itself stays
        proof = db.session.scalars(
            select(RetentionRun).where(RetentionRun.rule == "wishes", RetentionRun.territory_id == land.territory_id)
        ).one()
        assert proof.counts["wish"] == before[0]
        assert (proof.cutoff, len(proof.digest), proof.version) == (DUE, 64, "2026-1")
        snapshot = db.session.scalars(
            select(FiguresSnapshot).where(FiguresSnapshot.campaign_id == land.campaign_id)
        ).one()
        assert snapshot.sheet["with_wishes"] == "moins de 5"  # three students: hidden before it was stored

        # Once more the same day: nothing left to do.
        assert retained(DUE) == []

        # The second year ends: a year after, the accounts; what the law keeps stays in the archive.
        assert traces.database_traces((road.LAST,))
        retained(date(2028, 7, 2))
        assert "students" in retained(date(2028, 8, 1))
        assert {"feedback", "accidents"} <= set(
            db.session.scalars(select(RetentionRun.rule).where(RetentionRun.territory_id == land.territory_id))
        )
        assert count(StudentFeedback) == 0
        kept = {"agreement": set(walked.signed_ids)}
        for table in ("agreement_party", "signing_evidence", "certificate"):
            key = "placement_id" if table == "certificate" else "agreement_id"
            source = db.metadata.tables[table]
            assert key in source.c
            kept[table] = set(db.session.scalars(select(source.c.id)))
        assert traces.database_traces(road.OF_STUDENT, but=kept) == []
        assert count(Erasure) >= 3
        lina = db.session.get_one(Student, walked.student)
        assert (lina.last_name, lina.birth_date) == ("effacé", None)
        retained(date(2028, 8, 2))
        again = retained(date(2028, 10, 1))
        assert "students" not in again  # a line without name is not erased again and again

        # Five years after the signature, the archive itself.
        assert count(Evidence) > 0
        retained(date(2032, 1, 15))
        retained(date(2032, 3, 1))
        assert count(Agreement, Agreement.id.in_(walked.signed_ids)) == 0
        retained(date(2032, 6, 15))
        retained(date(2032, 8, 1))
        assert traces.database_traces(road.OF_STUDENT) == []
        assert count(StoredDocument, StoredDocument.territory_id == land.territory_id) == 0
        db.session.remove()  # an open read would keep old pages in the WAL
        assert traces.file_traces(app, road.OF_STUDENT) == []


def test_a_held_file_waits_and_the_others_do_not(app: Flask, world: World) -> None:
    land = world.here
    with app.app_context():
        coordinator = land.actor(Role.COORDINATOR)
        with on(ANNOUNCED):
            retaining.retain(ANNOUNCED)
            student = db.session.get_one(Student, land.student_id)
            with pytest.raises(Invalid):
                keeping.hold(student, " ", date(2028, 2, 1), by=coordinator)
            with pytest.raises(Invalid):
                keeping.hold(student, "Un litige", date(2029, 2, 1), by=coordinator)
            with pytest.raises(Forbidden):
                keeping.hold(student, "Un litige", date(2028, 2, 1), by=land.actor(Role.TEACHER))
            held = keeping.hold(student, "Un litige avec la structure", date(2028, 2, 1), by=coordinator)
            assert keeping.hold(student, "Un litige avec la structure", date(2028, 2, 1), by=coordinator).id == held.id
        retained(DUE)
        assert count(WishList, WishList.student_id == land.student_id) == 1
        assert count(WishList, WishList.student_id.in_(land.student_ids)) == 1
        run = db.session.scalars(
            select(RetentionRun).where(RetentionRun.rule == "wishes", RetentionRun.territory_id == land.territory_id)
        ).one()
        assert run.held == 1
        # Held, it is not announced again; let go, it is, and goes a month later.
        retained(date(2027, 11, 2))
        open_ = select(RetentionNotice).where(
            RetentionNotice.rule == "wishes",
            RetentionNotice.territory_id == land.territory_id,
            RetentionNotice.done_at.is_(None),
        )
        assert db.session.scalars(open_).all() == []
        with on(date(2027, 11, 3)):
            with pytest.raises(Hidden):
                keeping.lift(held.id, by=world.there.actor(Role.COORDINATOR))
            keeping.lift(held.id, by=coordinator)
            keeping.lift(held.id, by=coordinator)
        retained(date(2027, 11, 4))
        assert db.session.scalars(open_).one().due_on == date(2027, 12, 4)
        retained(date(2027, 12, 4))
        assert count(WishList, WishList.student_id == land.student_id) == 0
        actions = select(JournalEntry.action).where(JournalEntry.object_type == "RetentionHold")
        assert db.session.scalars(actions).all() == ["retention.hold", "retention.lift"]


_SCRIPT = """
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo
import time_machine
from app import create_app
from app.privacy.services import retaining
from app.settings import Settings
from pathlib import Path

app = create_app(Settings(environment="test", instance=Path(sys.argv[1]), database_url=sys.argv[2], jobs="off"))
write = retaining._write

def told(*arguments):
    write(*arguments)
    print("batch", flush=True)
    sys.stdin.readline()

retaining._write = told
with app.app_context(), time_machine.travel(datetime(2027, 10, 31, 9, tzinfo=ZoneInfo("Europe/Paris")), tick=True):
    retaining.retain(date(2027, 10, 31), batch=1)
"""


@pytest.mark.both_engines
def test_killed_in_the_middle_it_finishes_and_counts_nothing_twice(app: Flask, world: World, engine: str) -> None:
    with app.app_context():
        retained(ANNOUNCED)
        with on(DUE):
            expected = {
                (row.territory_id, row.rule): dict(row.counts)
                for row in db.session.scalars(select(RetentionNotice).where(RetentionNotice.due_on <= DUE))
            }
        assert len(expected) >= 4
        db.engine.dispose()
    _run_and_kill(app, engine, batches=5)
    with app.app_context():
        halfway = count(Wish)
        assert halfway > 0
        unfinished = db.session.scalars(select(RetentionRun).where(RetentionRun.finished_at.is_(None))).all()
        assert len(unfinished) == 1
        assert sum(unfinished[0].counts.values()) > 0
        day = db.session.get_one(RetentionPass, DUE)
        assert day.finished_at is None
        db.session.remove()
        retained(DUE)
        runs = db.session.scalars(select(RetentionRun).where(RetentionRun.territory_id.is_not(None))).all()
        assert {(run.territory_id, run.rule): run.counts for run in runs} == expected
        assert all(run.finished_at for run in runs)
        assert rows_of(world.here) == rows_of(world.there) == (0, 0, 0)


def _run_and_kill(app: Flask, url: str, batches: int) -> None:
    """Let a process of its own forget some batches, and kill it inside the transaction of the last."""
    command = [sys.executable, "-c", _SCRIPT, app.instance_path, url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for number in range(batches):
            assert process.stdout.readline() == "batch\n"
            if number < batches - 1:
                process.stdin.write("\n")
                process.stdin.flush()
    finally:
        process.kill()
        process.wait(10)
        process.stdin.close()
        process.stdout.close()


def test_the_day_is_looked_at_once(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[date] = []
    real: Callable[..., list[RetentionRun]] = retaining.retain

    def counted(today: date, **more: int) -> list[RetentionRun]:
        calls.append(today)
        return real(today, **more)

    monkeypatch.setattr(retaining, "retain", counted)
    with app.app_context():
        for hour in (1, 4, 5, 23):
            with time_machine.travel(datetime(2026, 12, 1, hour, tzinfo=PARIS), tick=True):
                retaining.retain_each_minute()
        assert calls == [date(2026, 12, 1)]


def test_somebody_needed_is_refused_and_the_others_go(app: Flask, world: World) -> None:
    """The last coordinator of a territory stays, and does not stop the rest."""
    with app.app_context():
        retained(date(2029, 8, 15))
        done = retained(date(2029, 10, 1))
        assert "adults" in done
        for land in (world.here, world.there):
            run = db.session.scalars(
                select(RetentionRun).where(
                    RetentionRun.rule == "adults", RetentionRun.territory_id == land.territory_id
                )
            ).one()
            assert run.refused == [land.users[Role.COORDINATOR]]
            assert run.finished_at is not None
            assert run.counts["user"] >= 3


def test_figures_of_a_forgotten_year_are_still_shown(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        retained(ANNOUNCED)
        retained(DUE)
        assert rows_of(world.here) == (0, 0, 0)
    with time_machine.travel(datetime(2027, 11, 2, 9, tzinfo=PARIS), tick=True):
        page = world.sign_in(client, Role.COORDINATOR).get("/chiffres")
    assert "Chiffres arrêtés le" in page.text
    assert "moins de 5" in page.text


def test_what_will_be_forgotten_is_on_a_page(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    with app.app_context():
        retained(ANNOUNCED)
    with time_machine.travel(datetime(2027, 10, 2, 9, tzinfo=PARIS), tick=True):
        coordinator = world.sign_in(client, Role.COORDINATOR)
        page = coordinator.get("/donnees/oubli")
        assert "Envies et vœux" in page.text
        assert "31 octobre" in page.text
        form = {"reason": "Un litige", "until": "2028-01-15"}
        assert coordinator.post(f"/eleves/{land.student_id}/garder", data={**form, "until": "x"}).status_code == 422
        assert coordinator.post(f"/eleves/{land.student_id}/garder", data=form).status_code == 303
        page = coordinator.get("/donnees/oubli")
        assert "Lina Wojcik" in page.text
        with app.app_context():
            (hold_id,) = db.session.scalars(select(RetentionHold.id))
        assert coordinator.post(f"/donnees/gardes/{hold_id}/lever").status_code == 303
        assert "Lina Wojcik" not in coordinator.get("/donnees/oubli").text
        admin = world.sign_in(app.test_client(), Role.ADMIN)
        assert "Envies et vœux" in admin.get("/donnees/oubli").text
        assert clock.today() == date(2027, 10, 2)


def _two_years_later(app: Flask, world: World) -> list[int]:
    """The adults of this land that the rule forgets at the first date of 2029."""
    with app.app_context():
        retained(date(2029, 8, 15))
        retained(date(2029, 10, 1))
        left = db.session.scalars(select(User.id).where(User.id.in_(world.here.users.values()), User.is_active))
        return [number for number in world.here.users.values() if number not in set(left)]


def test_an_adult_is_held_back_and_erased_by_nobody(app: Flask, client: FlaskClient, world: World) -> None:
    land, teacher = world.here, world.here.users[Role.TEACHER]
    with time_machine.travel(datetime(2029, 7, 2, 9, tzinfo=PARIS), tick=True):
        coordinator = world.sign_in(client, Role.COORDINATOR)
        assert f"/comptes/{teacher}/garder" in coordinator.get("/donnees/oubli?qui=teacher1").text
        assert "Personne de ce nom" in coordinator.get("/donnees/oubli?qui=Lina").text
        for number in (land.users[Role.STUDENT], world.admin_id, world.there.users[Role.TEACHER]):
            assert coordinator.get(f"/comptes/{number}/garder").status_code == 404
        form = {"reason": "Un litige sur une visite", "until": "2030-01-15"}
        assert coordinator.post(f"/comptes/{teacher}/garder", data=form).status_code == 303
        assert "Teacher 1" in coordinator.get("/donnees/oubli").text
        with app.app_context():
            subject = subjects.of_account(teacher)
            assert subject is not None
            with pytest.raises(Conflict, match="levez-la"):
                erasing.erase(subject, by=land.actor(Role.COORDINATOR))
    gone = _two_years_later(app, world)
    assert teacher not in gone
    assert land.users[Role.HEAD] in gone


@pytest.mark.parametrize("right", list(Right))
def test_a_request_that_waits_keeps_the_file_until_it_is_answered(app: Flask, world: World, right: Right) -> None:
    land, teacher = world.here, world.here.users[Role.TEACHER]
    with app.app_context(), on(date(2029, 7, 2)):
        actor = replace(land.actor(Role.TEACHER), territory_id=land.territory_id)
        asking.ask(
            RequestDraft(right, SubjectKind.ACCOUNT, teacher, "Mon nom", "k", "Teacher 1", user_id=teacher), by=actor
        )
        asking.ask(draft(land, right, "Mon nom", "k2"), by=land.actor(Role.STUDENT))
    assert (teacher in _two_years_later(app, world)) is (right is Right.ERASURE)
    with app.app_context():
        assert (db.session.get(Student, land.student_id) is None) is (right is Right.ERASURE)
        assert db.session.get(Student, land.student_ids[1]) is None


def test_a_request_that_nobody_answers_keeps_nobody_for_ever(context: Flask, world: World) -> None:
    land = world.here
    with on(date(2027, 1, 4)):
        asking.ask(draft(land, Right.ACCESS), by=land.actor(Role.STUDENT))
    for day, kept in ((date(2028, 1, 4), {land.student_id}), (date(2028, 1, 6), set())):
        assert queries.held(land.territory_id, day).students == kept


def test_a_hold_is_about_one_person(app: Flask, world: World) -> None:
    land = world.here
    with app.app_context():
        for about in ({}, {"student_id": land.student_id, "user_id": land.users[Role.TEACHER]}):
            db.session.add(RetentionHold(territory_id=land.territory_id, reason="x", until=DUE, **about))
            with pytest.raises(IntegrityError):
                db.session.commit()
            db.session.rollback()
