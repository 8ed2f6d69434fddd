"""Importing a class list: read and kept aside, shown, then applied in one transaction against what is known by then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext as _
from pydantic import TypeAdapter
from sqlalchemy import null, update

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid
from app.kernel.jobs import jobs
from app.kernel.tabular import Remark, Unreadable
from app.schools import queries
from app.schools.models import LegalGuardian, RosterImport, School, SchoolClass, Student
from app.schools.rosters import planning, reading, values
from app.schools.rosters.planning import Known, KnownClass, Plan, Update
from app.schools.rosters.roster import Guardian, Pupil, Roster
from app.schools.rules import ClassDraft
from app.schools.services.classes import create_class
from app.schools.services.students import remove_student

KEPT_FOR = timedelta(days=1)
_ROSTER = TypeAdapter(Roster)


@dataclass(frozen=True, slots=True)
class Imported:
    """`stuck`: leavers who could not be removed, because something of theirs would be lost."""

    classes: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    stuck: tuple[str, ...] = ()


def drop(school: School, campaign: Campaign, files: Sequence[tuple[str, bytes]], *, by: Actor) -> RosterImport:
    """Read the files (name, content) and keep what they say aside. Raises `Invalid` on `files` when nothing is read."""
    by.demand(Permission.CLASS_CREATE, school)
    roster = _read(files)
    with transaction():
        row = RosterImport(
            territory_id=school.territory_id,
            school=school,
            campaign=campaign,
            by_id=by.user_id,
            roster=_ROSTER.dump_python(roster, mode="json"),
        )
        db.session.add(row)
        db.session.flush()
        audit.record("roster.drop", school, by=by, lines=roster.read)
        return row


def _read(files: Sequence[tuple[str, bytes]]) -> Roster:
    try:
        return reading.read(files, clock.today())
    except Unreadable as refusal:
        raise Invalid(str(refusal), {"files": str(refusal)}) from refusal


def import_files(
    school: School, campaign: Campaign, files: Sequence[tuple[str, bytes]], *, into: str, dry_run: bool, by: Actor
) -> tuple[Roster, Plan]:
    """For the command: read, compare and, unless `dry_run`, write at once; leavers stay. Raises `Invalid`.

    `into`: the class of a list that names none.
    """
    by.demand(Permission.CLASS_CREATE, school)
    roster = _read(files)
    if into and roster.classless:
        roster = roster.all_in(into)
    if dry_run:
        return roster, _compared(roster, school, campaign, by)
    with transaction():
        locked(School, school.id)
        found = _compared(roster, school, campaign, by)
        _write(school, campaign, found, (), by)
        return roster, found


def roster_of(row: RosterImport) -> Roster:
    if row.roster is None:
        raise Conflict(_("Cette liste a déjà été enregistrée, ou elle a plus d’un jour. Déposez-la à nouveau."))
    return _ROSTER.validate_python(row.roster)


def put_in(row: RosterImport, class_name: str, *, by: Actor) -> None:
    """Say the class of a list that names none; a list that says its classes stays as it is.

    Raises `Invalid` on `into` when no class can have this name.
    """
    by.demand(Permission.CLASS_CREATE, row)
    read = values.class_of(class_name)
    if not read.value:
        reason = read.refused or _("Écrivez la classe.")
        raise Invalid(reason, {"into": reason})
    with transaction():
        kept = locked(RosterImport, row.id) or row
        roster = roster_of(kept)
        if roster.classless:
            kept.roster = _ROSTER.dump_python(roster.all_in(read.value), mode="json")


def plan(row: RosterImport, *, by: Actor) -> Plan:
    """What the list would change now. Classes which the actor may not change are left, and said."""
    by.demand(Permission.CLASS_CREATE, row)
    return _compared(roster_of(row), row.school, row.campaign, by)


def _compared(roster: Roster, school: School, campaign: Campaign, by: Actor) -> Plan:
    classes = queries.classes_in(school.id, campaign.id)
    found = planning.plan(
        roster,
        [_known(student, campaign.id) for student in queries.of_school(school.id)],
        [KnownClass(c.id, c.name, c.level) for c in classes],
        campaign.level_list,
    )
    return _within_reach(found, {c.name for c in classes if not by.can(Permission.CLASS_MANAGE, c)})


def _known(student: Student, campaign_id: int) -> Known:
    school_class = student.school_class
    return Known(
        id=student.id,
        last_name=student.last_name,
        first_name=student.first_name,
        birth_date=student.birth_date,
        class_id=school_class.id,
        class_name=school_class.name,
        current=school_class.campaign_id == campaign_id,
        guardians=tuple(Guardian(g.name, g.email or "", g.phone) for g in student.guardians),
    )


def _within_reach(found: Plan, closed: Collection[str]) -> Plan:
    if not closed:
        return found
    reason = _("cette classe est suivie par quelqu’un d’autre : elle reste comme elle est")
    out: list[Remark] = []

    def open_(pupil: Pupil, class_name: str | None) -> bool:
        if class_name in closed:
            out.append(Remark(pupil.line, _("Classe"), class_name or "", reason))
            return False
        return True

    additions = tuple(a for a in found.additions if open_(a.pupil, a.class_name))
    updates = tuple(u for u in found.updates if open_(u.pupil, u.new_class or u.known.class_name))
    leavers = tuple(s for s in found.leavers if s.class_name not in closed)
    return replace(found, additions=additions, updates=updates, leavers=leavers, refused=(*found.refused, *out))


def apply(row: RosterImport, leavers: Collection[int], *, by: Actor) -> Imported:
    """Do what the plan says, and remove the leavers that were ticked. Everything or nothing; twice changes nothing.

    New students get their account now and their code when the cards are printed.
    """
    by.demand(Permission.CLASS_CREATE, row)
    with transaction():
        locked(School, row.school_id)
        kept = locked(RosterImport, row.id)
        if kept is None or kept.roster is None:
            raise Conflict(_("Cette liste a déjà été enregistrée, ou elle a plus d’un jour. Déposez-la à nouveau."))
        result = _write(kept.school, kept.campaign, plan(kept, by=by), leavers, by)
        kept.roster, kept.applied_at = None, clock.now()
        return result


def _write(school: School, campaign: Campaign, found: Plan, leavers: Collection[int], by: Actor) -> Imported:
    for name, level in found.classes:
        create_class(school, campaign, ClassDraft(name[:20], level), by=by)
    classes = {c.name: c for c in queries.classes_in(school.id, campaign.id)}
    students = {s.id: s for s in queries.of_school(school.id)}
    for addition in found.additions:
        _add(addition.pupil, classes[addition.class_name], addition.pupil.guardians)
    for change in found.updates:
        _change(change, students[change.known.id], classes)
    removed, stuck = _remove([students[s.id] for s in found.leavers if s.id in leavers], by)
    result = Imported(len(found.classes), len(found.additions), len(found.updates), removed, stuck)
    audit.record("roster.apply", school, by=by, **{k: v for k, v in asdict(result).items() if k != "stuck"})
    return result


def _add(pupil: Pupil, school_class: SchoolClass, guardians: Sequence[Guardian], born: date | None = None) -> Student:
    student = Student(
        territory_id=school_class.territory_id,
        school_class=school_class,
        user=accounts.student_account(pupil.first_name, school_class.territory_id),
        first_name=pupil.first_name,
        last_name=pupil.last_name,
        birth_date=pupil.birth_date or born,
        guardians=[_guardian(guardian) for guardian in guardians[:2]],
    )
    db.session.add(student)
    return student


def _guardian(guardian: Guardian) -> LegalGuardian:
    return LegalGuardian(name=guardian.name, email=guardian.email or None, phone=guardian.phone)


def _change(change: Update, student: Student, classes: dict[str, SchoolClass]) -> None:
    if change.returns:  # last year's file stays with last year's class: its wishes and its stage are history
        new = _add(change.pupil, classes[change.new_class or ""], (), student.birth_date)
        new.guardians = [
            LegalGuardian(name=g.name, email=g.email, phone=g.phone, language=g.language) for g in student.guardians
        ]
        new.guardians += [_guardian(g) for g in change.new_guardians]
        accounts.close(student.user)
        return
    if change.new_class is not None:
        student.school_class = classes[change.new_class]
    if change.new_birth_date is not None:
        student.birth_date = change.new_birth_date
    student.guardians.extend(_guardian(g) for g in change.new_guardians)


def _remove(students: Sequence[Student], by: Actor) -> tuple[int, tuple[str, ...]]:
    removed, stuck = 0, []
    for student in students:
        name = student.full_name
        try:
            with db.session.begin_nested():
                remove_student(student, by=by)
            removed += 1
        except Conflict:
            stuck.append(name)
    return removed, tuple(stuck)


def abandon(row: RosterImport, *, by: Actor) -> None:
    """Forget a list without applying it."""
    by.demand(Permission.CLASS_CREATE, row)
    with transaction():
        db.session.delete(row)
        audit.record("roster.abandon", row.school, by=by)


@jobs.every_minute
def forget_lists() -> None:
    """Empty the lists that nobody confirmed within a day."""
    with transaction():
        db.session.execute(
            update(RosterImport)
            .where(RosterImport.roster.is_not(None), RosterImport.created_at < clock.now() - KEPT_FOR)
            .values(roster=null())
        )
