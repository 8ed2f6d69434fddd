"""Who somebody is, for every room: identifiers, names and addresses by which they may be found."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.access.policy import Role
from app.accounts.models import User
from app.hosts.models import HostMember, HostOrganization
from app.kernel.database import db
from app.kernel.holdings import Subject, SubjectKind
from app.offers.models import PlacementOffer
from app.schools.models import LegalGuardian, Student


def of(kind: SubjectKind, number: int, *, name: str = "") -> Subject | None:
    """The person of that kind and number; `name` tells a structure's contacts apart."""
    match kind:
        case SubjectKind.STUDENT:
            return of_student(number)
        case SubjectKind.GUARDIAN:
            return of_guardian(number)
        case SubjectKind.ACCOUNT:
            return of_account(number)
        case SubjectKind.CONTACT:
            return of_contact(number, name)


def of_student(student_id: int) -> Subject | None:
    """A student, and what only exists through them: the guardians' sheets."""
    row = db.session.scalar(
        select(Student)
        .where(Student.id == student_id)
        .options(selectinload(Student.guardians), joinedload(Student.user))
    )
    if row is None:
        return None
    shared = _also_guardians_of_others(row)
    own = [guardian for guardian in row.guardians if guardian.id not in shared]
    return Subject(
        SubjectKind.STUDENT,
        row.id,
        row.territory_id,
        user_id=row.user_id,
        student_id=row.id,
        guardian_ids=tuple(guardian.id for guardian in row.guardians),
        full_names=tuple(dict.fromkeys((row.full_name, *(guardian.name for guardian in own)))),
        short_names=(row.last_name,) if row.last_name else (),
        first_name=row.first_name,
        emails=tuple(guardian.email for guardian in own if guardian.email),
        phones=tuple(guardian.phone for guardian in own if guardian.phone),
        alone=_is_alone(row),
    )


def _is_alone(student: Student) -> bool:
    names = (student.first_name, student.last_name)
    others = select(Student.id).where(
        Student.territory_id == student.territory_id,
        Student.id != student.id,
        db.or_(Student.first_name.in_(names), Student.last_name.in_(names)),
    )
    return db.session.scalar(others.limit(1)) is None


def _also_guardians_of_others(student: Student) -> set[int]:
    """The guardians who are written on a brother's or sister's sheet too: their letters there stay."""
    names = [guardian.name for guardian in student.guardians]
    emails = [guardian.email for guardian in student.guardians if guardian.email]
    if not names:
        return set()
    others = db.session.execute(
        select(LegalGuardian.name, LegalGuardian.email)
        .join(LegalGuardian.student)
        .where(
            Student.territory_id == student.territory_id,
            LegalGuardian.student_id != student.id,
            db.or_(LegalGuardian.name.in_(names), LegalGuardian.email.in_(emails)),
        )
    ).all()
    known = {value for other in others for value in other if value}
    return {guardian.id for guardian in student.guardians if {guardian.name, guardian.email} & known}


def of_guardian(guardian_id: int) -> Subject | None:
    """One guardian; the child stays."""
    row = db.session.scalar(
        select(LegalGuardian).where(LegalGuardian.id == guardian_id).options(joinedload(LegalGuardian.student))
    )
    if row is None:
        return None
    return Subject(
        SubjectKind.GUARDIAN,
        row.id,
        row.student.territory_id,
        student_id=row.student_id,
        guardian_ids=(row.id,),
        full_names=(row.name,),
        emails=(row.email,) if row.email else (),
        phones=(row.phone,) if row.phone else (),
    )


def of_account(user_id: int) -> Subject | None:
    """An adult's account; a student's leads to the student."""
    row = db.session.get(User, user_id)
    if row is None:
        return None
    if row.role is Role.STUDENT:
        student_id = db.session.scalar(select(Student.id).where(Student.user_id == user_id))
        return of_student(student_id) if student_id is not None else None
    organizations = tuple(
        db.session.scalars(select(HostMember.organization_id).where(HostMember.user_id == user_id)).all()
    )
    return Subject(
        SubjectKind.ACCOUNT,
        row.id,
        row.territory_id,
        user_id=row.id,
        organization_ids=organizations,
        full_names=(row.display_name,),
        emails=(row.email,) if row.email else (),
        phones=_phones(organizations, row.email or "", row.display_name),
    )


def of_contact(organization_id: int, name: str) -> Subject | None:
    """Somebody whom a structure names as its representative or as a tutor, and who has no account."""
    organization = db.session.get(HostOrganization, organization_id)
    if organization is None or not name.strip():
        return None
    emails = set()
    if organization.representative_name == name and organization.representative_email:
        emails.add(organization.representative_email)
    offers = select(PlacementOffer.tutor_email).where(
        PlacementOffer.organization_id == organization_id,
        PlacementOffer.tutor_name == name,
        PlacementOffer.tutor_email != "",
    )
    emails |= set(db.session.scalars(offers))
    return Subject(
        SubjectKind.CONTACT,
        organization.id,
        organization.territory_id,
        organization_ids=(organization.id,),
        full_names=(name,),
        emails=tuple(sorted(emails)),
        phones=_phones((organization.id,), "", name),
    )


def contacts_of(organization_id: int) -> list[str]:
    """The names which a structure gave of people, those who have an account left out."""
    organization = db.session.get(HostOrganization, organization_id)
    if organization is None:
        return []
    names = {organization.representative_name}
    names |= set(
        db.session.scalars(
            select(PlacementOffer.tutor_name).where(PlacementOffer.organization_id == organization_id).distinct()
        )
    )
    members = select(User.display_name).join(HostMember).where(HostMember.organization_id == organization_id)
    return sorted(names - set(db.session.scalars(members)) - {""})


def _phones(organization_ids: tuple[int, ...], email: str, name: str) -> tuple[str, ...]:
    """The telephone numbers beside this name, or this address, in the offers of these structures."""
    if not organization_ids:
        return ()
    own = [PlacementOffer.tutor_name == name]
    if email:
        own.append(PlacementOffer.tutor_email == email)
    statement = select(PlacementOffer.tutor_phone).where(
        PlacementOffer.organization_id.in_(organization_ids), PlacementOffer.tutor_phone != "", db.or_(*own)
    )
    return tuple(sorted(set(db.session.scalars(statement))))
