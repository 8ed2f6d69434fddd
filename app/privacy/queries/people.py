"""Finding the person a letter is about, among everybody of a territory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal, select

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts.models import User
from app.hosts.models import HostOrganization
from app.kernel.database import db
from app.kernel.holdings import SubjectKind
from app.offers.models import PlacementOffer
from app.schools.models import LegalGuardian, School, SchoolClass, Student

MOST = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and where they are known: enough to tell two people of one name apart."""

    kind: SubjectKind
    id: int
    name: str
    where: str

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.id}:{self.name}"


def named(actor: Actor, words: str) -> list[Person]:
    """The people of the actor's territory whose name or address holds every word, at most MOST of each kind."""
    wanted = [word for word in words.lower().split() if word][:5]
    if not wanted or actor.territory_id is None:
        return []
    return list(_found(actor.territory_id, wanted))


def _found(territory_id: int, wanted: list[str]) -> Iterator[Person]:
    students = (
        select(Student.id, Student.first_name, Student.last_name, SchoolClass.name, School.name)
        .join(Student.school_class)
        .join(SchoolClass.school)
        .where(Student.territory_id == territory_id, _holds(wanted, Student.first_name, Student.last_name))
        .limit(MOST)
    )
    for number, first, last, class_name, school in db.session.execute(students):
        yield Person(SubjectKind.STUDENT, number, f"{first} {last}", f"{class_name}, {school}")
    guardians = (
        select(LegalGuardian.id, LegalGuardian.name, Student.first_name)
        .join(LegalGuardian.student)
        .where(Student.territory_id == territory_id, _holds(wanted, LegalGuardian.name, LegalGuardian.email))
        .limit(MOST)
    )
    for number, name, child in db.session.execute(guardians):
        yield Person(SubjectKind.GUARDIAN, number, name, child)
    accounts = (
        select(User.id, User.display_name, User.email)
        .where(User.territory_id == territory_id, User.role != Role.STUDENT, User.is_active)
        .where(_holds(wanted, User.display_name, User.email))
        .limit(MOST)
    )
    for number, name, email in db.session.execute(accounts):
        yield Person(SubjectKind.ACCOUNT, number, name, email or "")
    signing = select(HostOrganization.id, HostOrganization.representative_name, HostOrganization.name).where(
        HostOrganization.territory_id == territory_id, _holds(wanted, HostOrganization.representative_name)
    )
    tutors = (
        select(HostOrganization.id, PlacementOffer.tutor_name, HostOrganization.name)
        .join(PlacementOffer.organization)
        .where(HostOrganization.territory_id == territory_id, _holds(wanted, PlacementOffer.tutor_name))
    )
    contacts = {tuple(row) for statement in (signing, tutors) for row in db.session.execute(statement.limit(MOST))}
    for number, name, organization in sorted(contacts):
        yield Person(SubjectKind.CONTACT, number, name, organization)


def _holds(wanted: list[str], *columns: ColumnElement[str] | object) -> ColumnElement[bool]:
    """Every word is in one of the columns, whatever its capitals."""
    together: ColumnElement[str] = literal("")
    for column in columns:
        together = together + " " + func.lower(func.coalesce(column, ""))
    return and_(*[together.contains(word, autoescape=True) for word in wanted])
