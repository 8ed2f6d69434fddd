"""The verbs of schools, on both engines."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid, PhaseClosed
from app.messaging.models import OutboxMessage
from app.schools import queries, services
from app.schools.models import ClassTeacher, School, SchoolClass, SchoolStaff, StaffRole, Student
from app.schools.rules import ClassDraft, GuardianDraft, SchoolDraft, StudentDraft, StudentFile
from tests.world import World

pytestmark = pytest.mark.both_engines


def draft(**changes: object) -> SchoolDraft:
    values: dict[str, object] = {
        "uai": "0620071R",
        "name": "Collège Jean-Jacques Rousseau",
        "address": "",
        "postcode": "",
        "commune_id": 0,
        "lat": None,
        "lon": None,
        "is_public": True,
        "priority_education": "",
    }
    return SchoolDraft(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_school_takes_its_place_from_its_commune(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    school = services.create_school(draft(uai="0620071r ", commune_id=world.here.commune_id), by=by)
    assert (school.uai, school.postcode, school.lat) == ("0620071R", "62110", 50.40923)
    assert school.territory_id == world.here.territory_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"uai": "0620071X"}, "uai"), ({"uai": "0622795B"}, "uai"), ({"commune_id": 10**6}, "commune_id")],
)
def test_a_wrong_school_is_refused_beside_its_field(
    context: Flask, world: World, changes: dict[str, object], field: str
) -> None:
    by = world.here.actor(Role.COORDINATOR)
    with pytest.raises(Invalid) as refusal:
        services.create_school(draft(**{"commune_id": world.here.commune_id, **changes}), by=by)
    assert list(refusal.value.fields) == [field]
    assert count(School) == 2


def test_a_commune_of_another_territory_is_refused(context: Flask, world: World) -> None:
    with pytest.raises(Invalid):
        services.create_school(draft(commune_id=world.there.commune_id), by=world.here.actor(Role.COORDINATOR))


def test_weeks_are_chosen_among_the_campaigns_and_only_before_decisions(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    school = queries.visible_school(by, world.here.school_id)
    campaign = db.session.get_one(Campaign, world.here.campaign_id)
    services.set_weeks(school, campaign, [date(2027, 2, 1)], by=by)
    assert queries.weeks([school.id], campaign.id) == {school.id: [date(2027, 2, 1)]}
    with pytest.raises(Invalid):
        services.set_weeks(school, campaign, [date(2027, 2, 22)], by=by)
    with transaction():
        campaign.phase = Phase.DECISIONS
    services.set_weeks(school, campaign, [date(2027, 2, 1)], by=by)  # the same again is no change
    with pytest.raises(PhaseClosed):
        services.set_weeks(school, campaign, [], by=by)


def test_a_teacher_cannot_choose_weeks(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    school = queries.visible_school(by, world.here.school_id)
    with pytest.raises(Forbidden):
        services.set_weeks(school, db.session.get_one(Campaign, world.here.campaign_id), [], by=by)


def test_the_same_person_in_a_second_school_gets_no_second_account_and_is_told_once(
    context: Flask, world: World
) -> None:
    by = world.here.actor(Role.COORDINATOR)
    first = queries.visible_school(by, world.here.school_id)
    second = services.create_school(draft(commune_id=world.here.commune_id), by=by)
    mails, users = count(OutboxMessage), count(User)
    a = services.invite_staff(first, "nadia@college.example", "Nadia Kaci", StaffRole.TEACHER, by=by)
    b = services.invite_staff(second, "NADIA@college.example", "Nadia Kaci", StaffRole.TEACHER, by=by)
    services.invite_staff(second, "nadia@college.example", "Nadia Kaci", StaffRole.TEACHER, by=by)
    assert a.user_id == b.user_id
    assert (count(OutboxMessage), count(User)) == (mails + 2, users + 1)  # the invitation, and the second school
    memberships = select(func.count()).select_from(SchoolStaff).where(SchoolStaff.user_id == a.user_id)
    assert db.session.scalar(memberships) == 2


def test_who_leaves_a_school_leaves_its_classes(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    school = queries.visible_school(by, world.here.school_id)
    teacher = world.here.users[Role.TEACHER]
    services.remove_staff(school, teacher, by=by)
    services.remove_staff(school, teacher, by=by)
    assert queries.membership(school.id, teacher) is None
    assert world.here.actor(Role.TEACHER).class_ids == frozenset()
    assert db.session.get(User, teacher) is not None


def test_a_teacher_teaches_the_class_it_creates_and_a_double_click_makes_one(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    school = queries.visible_school(by, world.here.school_id)
    campaign = db.session.get_one(Campaign, world.here.campaign_id)
    made = services.create_class(school, campaign, ClassDraft("3B", "3e"), by=by)
    again = services.create_class(school, campaign, ClassDraft("3b", "3e"), by=by)
    assert made.id == again.id
    assert [t.user_id for t in made.teachers] == [by.user_id]
    assert made.code.startswith("RABELA3B")
    assert len(made.code) <= 12


def test_somebody_elses_class_name_is_refused(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    school = queries.visible_school(by, world.here.school_id)
    campaign = db.session.get_one(Campaign, world.here.campaign_id)
    with pytest.raises(Invalid) as refusal:
        services.create_class(school, campaign, ClassDraft("3A", "3e"), by=by)
    assert "name" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        services.create_class(school, campaign, ClassDraft("2C", "2de"), by=by)
    assert "level" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        stranger = (world.there.users[Role.TEACHER],)
        services.create_class(school, campaign, ClassDraft("3C", "3e", stranger), by=by)
    assert "teacher_ids" in refusal.value.fields


def test_a_class_with_students_cannot_be_removed_and_an_empty_one_can(context: Flask, world: World) -> None:
    by = world.here.actor(Role.HEAD)
    school_class = queries.visible_class(by, world.here.class_id)
    with pytest.raises(Conflict):
        services.remove_class(school_class, by=by)
    assert count(Student) == 6
    school = queries.visible_school(by, world.here.school_id)
    campaign = db.session.get_one(Campaign, world.here.campaign_id)
    empty = services.create_class(school, campaign, ClassDraft("3D", "3e", (world.here.users[Role.TEACHER],)), by=by)
    services.remove_class(empty, by=by)
    assert count(SchoolClass) == 2
    assert count(ClassTeacher) == 2


def test_students_are_added_with_cards_that_open_the_door(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    school_class = queries.visible_class(by, world.here.class_id)
    cards = services.add_students(school_class, [StudentDraft("Haddad", "Yanis"), StudentDraft("Petit", "Zoé")], by=by)
    assert [card.first_name for card in cards] == ["Yanis", "Zoé"]
    user = accounts.sign_in_with_card(cards[0].class_code, cards[0].personal_code, address="::1")
    assert user.display_name == "Yanis"
    stored = {s.user.code_digest for s in queries.students(school_class)}
    assert not any(card.personal_code in (digest or "") for card in cards for digest in stored)


def test_the_same_list_sent_twice_adds_nobody_twice_even_homonyms(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    school_class = queries.visible_class(by, world.here.class_id)
    drafts = [StudentDraft("Wojcik", "Lina", 1), StudentDraft("Haddad", "Yanis"), StudentDraft("HADDAD", "YANIS", 1)]
    assert len(services.add_students(school_class, drafts, by=by)) == 3
    assert services.add_students(school_class, drafts, by=by) == []
    assert services.add_students(school_class, [StudentDraft("wojcik", "lina")], by=by) == []
    assert len(queries.students(school_class)) == 6


def test_one_wrong_name_adds_nobody(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    school_class = queries.visible_class(by, world.here.class_id)
    with pytest.raises(Invalid):
        services.add_students(school_class, [StudentDraft("Petit", "Zoé"), StudentDraft("Petit", "🙂")], by=by)
    assert len(queries.students(school_class)) == 3


def test_a_new_card_ends_the_old_one_and_is_journalled(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    students = queries.students(queries.visible_class(by, world.here.class_id))
    old = services.reissue_cards(students, by=by)
    epoch = students[0].user.session_epoch
    new = services.reissue_cards(students[:1], by=by)
    with pytest.raises(Invalid):
        accounts.sign_in_with_card(old[0].class_code, old[0].personal_code, address="::1")
    assert accounts.sign_in_with_card(new[0].class_code, new[0].personal_code, address="::1").id == students[0].user_id
    assert accounts.sign_in_with_card(old[1].class_code, old[1].personal_code, address="::1").id == students[1].user_id
    assert students[0].user.session_epoch == epoch + 1
    lines = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "student.reissue_card")).all()
    assert len(lines) == 4


def test_cards_of_another_class_are_refused(context: Flask, world: World) -> None:
    theirs = queries.students(queries.visible_class(world.there.actor(Role.TEACHER), world.there.class_id))
    with pytest.raises(Forbidden):
        services.reissue_cards(theirs, by=world.here.actor(Role.TEACHER))


def test_guardians_are_two_at_most_and_a_new_address_closes_the_old_link(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    student = queries.visible_student(by, world.here.student_id)
    two = (GuardianDraft("Anna Wojcik", "nouvelle@mail.example", language="pl"), GuardianDraft("Paul Wojcik", None))
    services.update_student(student, StudentFile("Wojcik", "Lina", date(2013, 2, 28), two), by=by)
    assert student.birth_date == date(2013, 2, 28)
    assert [g.language for g in student.guardians] == ["pl", "fr"]
    assert [(g.name, g.email, g.link_epoch) for g in student.guardians] == [
        ("Anna Wojcik", "nouvelle@mail.example", 1),
        ("Paul Wojcik", None, 0),
    ]
    services.update_student(student, StudentFile("Wojcik", "Lina"), by=by)
    assert student.guardians == []
    with pytest.raises(Invalid):
        services.update_student(student, StudentFile("Wojcik", "Lina", None, (GuardianDraft("A", None),) * 3), by=by)


@pytest.mark.parametrize("born", [date(2026, 11, 24), date(1990, 5, 1), date(2019, 1, 1)])
def test_a_birth_date_that_no_student_has_is_refused(context: Flask, world: World, born: date) -> None:
    by = world.here.actor(Role.TEACHER)
    student = queries.visible_student(by, world.here.student_id)
    with pytest.raises(Invalid) as refused:
        services.update_student(student, StudentFile("Wojcik", "Lina", born), by=by)
    assert "birth_date" in refused.value.fields
