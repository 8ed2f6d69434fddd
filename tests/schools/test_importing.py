"""From the file of a school to its classes: preview, confirmation, twice, next year, by somebody else."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.access.policy import Role
from app.campaigns.models import Campaign, CampaignWeek
from app.campaigns.states import Phase
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.tabular import Unreadable
from app.schools import queries
from app.schools.models import RosterImport, School, SchoolClass, Student
from app.schools.rosters import planning, reading
from app.schools.rosters.planning import Known, KnownClass, Plan
from app.schools.services import importing
from app.schools.services.importing import Imported
from tests.world import Land, World

LIST = (
    "Nom;Prénom;Né(e) le;Classe;PAP;Responsable 1 nom;Responsable 1 prénom;Responsable 1 e-mail\n"
    "WOJCIK;Lina;01/02/2013;3A;oui;;;\n"
    "DELATTRE;Enzo;;3A;;;;\n"
    "ROUX;Eva;05/06/2013;3B;;ROUX;Marc;marc.roux@mail.example\n"
    "PETIT;Léo;02/03/2013;3B;;;;\n"
    "NOIR;Tom;02/03/2015;6C;;;;\n"
)


def drop(land: Land, text: str = LIST, role: Role = Role.HEAD) -> RosterImport:
    by = land.actor(role)
    school = queries.visible_school(by, land.school_id)
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    return importing.drop(school, campaign, [("liste.csv", text.encode())], by=by)


def names(class_name: str, land: Land) -> set[str]:
    rows = db.session.scalars(
        select(Student)
        .join(Student.school_class)
        .where(SchoolClass.name == class_name, SchoolClass.campaign_id == land.campaign_id)
    )
    return {student.full_name for student in rows}


@pytest.mark.both_engines
def test_a_list_is_shown_then_applied_and_the_same_file_changes_nothing(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    row = drop(world.here)
    plan = importing.plan(row, by=by)
    assert plan.classes == (("3B", "3e"),)
    assert [a.pupil.first_name for a in plan.additions] == ["Eva", "Léo"]
    assert [(u.known.first_name, u.new_birth_date) for u in plan.updates] == [("Lina", date(2013, 2, 1))]
    assert (plan.unchanged, plan.elsewhere) == (1, (("6e", 1),))
    assert [s.first_name for s in plan.leavers] == ["Inès"]
    assert names("3B", world.here) == set()
    assert importing.apply(row, (), by=by) == Imported(classes=1, added=2, updated=1)
    assert names("3B", world.here) == {"Eva Roux", "Léo Petit"}
    assert names("3A", world.here) == {"Lina Wojcik", "Enzo Delattre", "Inès Benali"}
    eva = db.session.scalars(select(Student).where(Student.first_name == "Eva")).one()
    assert [(g.name, g.email) for g in eva.guardians] == [("Marc Roux", "marc.roux@mail.example")]
    again = drop(world.here)
    assert importing.plan(again, by=by).changes_nothing
    assert importing.apply(again, (), by=by) == Imported()


@pytest.mark.both_engines
def test_a_confirmation_sent_twice_is_refused_the_second_time_and_keeps_nothing(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    row = drop(world.here)
    importing.apply(row, (), by=by)
    with pytest.raises(Conflict):
        importing.apply(row, (), by=by)
    assert db.session.scalar(select(RosterImport.roster).where(RosterImport.id == row.id)) is None


@pytest.mark.both_engines
def test_leavers_go_only_when_ticked_and_when_nothing_of_theirs_would_be_lost(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    row = drop(world.here, "Nom;Prénom;Classe\nROUX;Eva;3A\n")
    plan = importing.plan(row, by=by)
    assert {s.first_name for s in plan.leavers} == {"Lina", "Enzo", "Inès"}
    ticked = [s.id for s in plan.leavers if s.first_name != "Enzo"]
    done = importing.apply(row, ticked, by=by)
    assert done.stuck == ("Lina Wojcik",)  # a proposal of hers exists
    assert done.removed == 1
    assert names("3A", world.here) == {"Lina Wojcik", "Enzo Delattre", "Eva Roux"}


@pytest.mark.both_engines
def test_next_years_list_takes_a_student_up_and_leaves_the_history(context: Flask, world: World) -> None:
    land = world.here
    importing.apply(drop(land), (), by=land.actor(Role.HEAD))
    year = Campaign(
        territory_id=land.territory_id,
        name="Stages de 3e",
        school_year="2027-2028",
        levels="4e,3e,2de",
        phase=Phase.COLLECTING,
        offers_open_on=date(2027, 9, 1),
        wishes_open_on=date(2027, 11, 1),
        wishes_close_on=date(2027, 12, 15),
        publish_on=date(2028, 1, 4),
        weeks=[CampaignWeek(monday=date(2028, 1, 24))],
    )
    db.session.add(year)
    db.session.flush()
    by = land.actor(Role.HEAD)
    school = db.session.get(School, land.school_id)
    assert school is not None
    row = importing.drop(
        school, year, [("l", b"Nom;Pr\xc3\xa9nom;N\xc3\xa9(e) le;Classe\nROUX;Eva;05/06/2013;2A\n")], by=by
    )
    (update,) = importing.plan(row, by=by).updates
    assert update.returns
    importing.apply(row, (), by=by)
    both = list(db.session.scalars(select(Student).where(Student.first_name == "Eva").order_by(Student.id)))
    assert [s.school_class.name for s in both] == ["3B", "2A"]
    assert [g.name for g in both[1].guardians] == ["Marc Roux"]
    assert [s.user.is_active for s in both] == [False, True]


HEADING = "Nom;Prénom;Né(e) le;Classe\n"


def planned(known: list[Known], *lines: str) -> Plan:
    """What a list would do to a school that has these students and the classes 3A and 3B."""
    roster = reading.read([("l", (HEADING + "\n".join(lines)).encode())], date(2026, 11, 23))
    return planning.plan(roster, known, [KnownClass(1, "3A", "3e"), KnownClass(2, "3B", "3e")], ["3e"])


def leo(number: int, class_id: int, *, current: bool = True, day: int = 5) -> Known:
    return Known(number, "Petit", "Léo", date(2013, 6, day), class_id, "3A" if class_id == 1 else "4C", current)


@pytest.mark.parametrize(
    ("known", "of_known"),
    [
        ([leo(1, 9, current=False), leo(2, 1)], 2),  # last year in 4C, this year in 3A, now in 3B
        ([leo(1, 8, current=False), leo(2, 9, current=False)], 2),  # two years ago, last year
        ([leo(1, 1, day=4), leo(2, 1)], 2),  # a namesake of another day
    ],
)
def test_who_is_known_from_other_years_is_one_person(context: Flask, known: list[Known], of_known: int) -> None:
    (update,) = planned(known, "PETIT;Léo;05/06/2013;3B").updates
    assert (update.known.id, update.new_class) == (of_known, "3B")


def test_a_birth_date_that_was_corrected_makes_no_second_student(context: Flask) -> None:
    plan = planned([leo(1, 1)], "PETIT;Léo;06/06/2013;3A")
    assert (plan.additions, plan.leavers) == ((), ())
    assert "05/06/2013" in plan.refused[0].reason
    both = planned([leo(1, 1)], "PETIT;Léo;06/06/2013;3A", "PETIT;Léo;05/06/2013;3A")
    assert (len(both.additions), both.unchanged, both.refused) == (1, 1, ())


@pytest.mark.both_engines
def test_a_teacher_leaves_a_colleagues_class_alone(context: Flask, world: World) -> None:
    land = world.here
    importing.apply(drop(land), (), by=land.actor(Role.HEAD))
    by = land.actor(Role.TEACHER)
    plan = importing.plan(drop(land, "Nom;Prénom;Classe\nBLANC;Zoé;3B\nBLEU;Ana;3A\n", Role.TEACHER), by=by)
    assert [a.pupil.first_name for a in plan.additions] == ["Ana"]
    assert [r.line for r in plan.refused] == [2]


@pytest.mark.both_engines
def test_a_list_is_seen_by_who_dropped_it_and_forgotten_after_a_day(context: Flask, world: World) -> None:
    row = drop(world.here)
    for other in (world.here.actor(Role.TEACHER), world.there.actor(Role.HEAD)):
        with pytest.raises(Hidden):
            queries.pending_import(other, row.id)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        importing.forget_lists()
    with pytest.raises(Hidden):
        queries.pending_import(world.here.actor(Role.HEAD), row.id)
    assert db.session.scalar(select(RosterImport.roster).where(RosterImport.id == row.id)) is None


def test_what_is_no_list_leaves_nothing(context: Flask, world: World) -> None:
    with pytest.raises(Invalid) as refused:
        drop(world.here, "<html><body>…")
    assert "files" in refused.value.fields
    assert db.session.scalar(select(func.count(RosterImport.id))) == 0


def test_the_whole_road_in_pages(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.HEAD)
    at = f"/colleges/{world.here.school_id}/liste"
    assert client.get(at).status_code == 200
    assert client.post(at, data={}).status_code == 422
    answer = client.post(
        at, data={"files": (io.BytesIO(LIST.encode()), "liste.csv")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "donnée sensible" in page
    assert "Eva Roux" in page
    assert client.post(answer.location, data={}).status_code == 303
    assert client.get(answer.location).status_code == 404
    shown = client.get(f"/colleges/{world.here.school_id}").get_data(as_text=True)
    assert "3B" in shown
    assert client.get("/listes/modele.csv").get_data().startswith(b"\xef\xbb\xbfNom;")


def test_a_list_without_classes_goes_into_the_class_that_is_asked_for(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.HEAD)
    answer = client.post(
        f"/colleges/{world.here.school_id}/liste",
        data={"files": (io.BytesIO("Élève\nROUX Eva\n".encode()), "export.csv")},
        content_type="multipart/form-data",
    )
    asked = client.get(answer.location).get_data(as_text=True)
    assert "ne dit pas la classe" in asked
    assert "Enregistrer la liste" not in asked
    assert "Excel" in client.post(f"{answer.location}/classe", data={"into": "3-mars"}).get_data(as_text=True)
    assert client.post(f"{answer.location}/classe", data={"into": "3e C"}).status_code == 303
    preview = client.get(answer.location).get_data(as_text=True)
    assert "3e C (3e)" in preview
    assert "Enregistrer la liste" in preview


@pytest.mark.both_engines
def test_a_list_that_says_its_classes_is_not_put_in_another(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    row = drop(world.here, "Nom;Prénom;Classe\nBLEU;Ana;3B\nBLANC;Zoé;\n")
    importing.put_in(row, "3C", by=by)
    assert [a.class_name for a in importing.plan(row, by=by).additions] == ["3B"]


def test_the_model_list_reads_itself_back(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.HEAD)
    heading = client.get("/listes/modele.csv").get_data()
    line = b"ROUX;Eva;05/06/2013;3B;ROUX;Marc;m@mail.example;0612345678;PETIT;Anne;;\r\n"
    roster = reading.read([("m.csv", heading + line)], date(2026, 11, 23))
    assert [len(p.guardians) for p in roster.pupils] == [2]
    assert all(column.field for column in roster.columns)


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_list_is_read_or_refused_and_never_breaks(app: Flask, data: st.DataObject) -> None:
    source = bytearray(data.draw(st.sampled_from([LIST.encode(), LIST.encode("cp1252"), LIST.encode("utf-16")])))
    for _round in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(source) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"\x00", b";", b"\n", b"\xff\xfe", b"=1+1"]))
        )
        source[at : at + data.draw(st.integers(0, 20))] = piece
        if not source:
            return
    with app.test_request_context():
        try:
            roster = reading.read([("l.csv", bytes(source))], date(2026, 11, 23))
        except Unreadable:
            return
        accounted = len(roster.pupils) + len(roster.refused) + len(roster.left) + len(roster.same)
        assert roster.read == accounted
