"""Classes and who teaches them."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.identifiers import new_code
from app.schools import queries
from app.schools.models import ClassTeacher, School, SchoolClass
from app.schools.rules import ClassDraft, class_code_stem
from app.schools.services.staff import demand_staff_of

_CODE_LENGTH = 12


def create_class(school: School, campaign: Campaign, draft: ClassDraft, *, by: Actor) -> SchoolClass:
    """A class with its own code. A teacher who creates it teaches it; the same form sent twice makes one class.

    Raises `Invalid` on `name` (taken by somebody else's class), `level` or `teacher_ids`.
    """
    by.demand(Permission.CLASS_CREATE, school)
    if campaign.territory_id != school.territory_id:
        raise Forbidden(_("Cette campagne n’est pas celle de votre territoire."))
    _demand_level(campaign, draft.level)
    with transaction():
        locked(School, school.id)
        teacher_ids = set(draft.teacher_ids)
        if by.role is Role.TEACHER and by.user_id is not None:
            teacher_ids = {by.user_id}
        same = queries.class_named(school.id, campaign.id, draft.name)
        if same is not None:
            if same.level == draft.level and {t.user_id for t in same.teachers} == teacher_ids:
                return same
            raise _name_taken(draft.name)
        demand_staff_of(school.id, teacher_ids)
        school_class = SchoolClass(
            territory_id=school.territory_id,
            school=school,
            campaign=campaign,
            name=draft.name,
            level=draft.level,
            code=_fresh_code(school.name, draft.name),
            teachers=[ClassTeacher(user_id=user_id) for user_id in sorted(teacher_ids)],
        )
        db.session.add(school_class)
        audit.record("class.create", school_class, by=by)
        return school_class


def update_class(school_class: SchoolClass, draft: ClassDraft, *, by: Actor) -> None:
    """Rename, change level, choose who teaches. A teacher cannot change who teaches. The code never changes."""
    by.demand(Permission.CLASS_MANAGE, school_class)
    _demand_level(school_class.campaign, draft.level)
    with transaction():
        same = queries.class_named(school_class.school_id, school_class.campaign_id, draft.name)
        if same is not None and same.id != school_class.id:
            raise _name_taken(draft.name)
        present = {teaching.user_id: teaching for teaching in school_class.teachers}
        wanted = set(present) if by.role is Role.TEACHER else set(draft.teacher_ids)
        demand_staff_of(school_class.school_id, wanted - set(present))
        changed = (school_class.name, school_class.level, set(present)) != (draft.name, draft.level, wanted)
        if not changed:
            return
        school_class.name, school_class.level = draft.name, draft.level
        for user_id in set(present) - wanted:
            school_class.teachers.remove(present[user_id])
        school_class.teachers.extend(ClassTeacher(user_id=u) for u in sorted(wanted - set(present)))
        audit.record("class.update", school_class, by=by)


def remove_class(school_class: SchoolClass, *, by: Actor) -> None:
    """Only an empty class can go."""
    by.demand(Permission.CLASS_MANAGE, school_class)
    with transaction():
        audit.record("class.remove", school_class, by=by, name=school_class.name)
        db.session.delete(school_class)
        try:
            db.session.flush()
        except (IntegrityError, AssertionError) as refused:
            raise Conflict(_("Cette classe a encore des élèves : elle ne peut pas être supprimée.")) from refused


def _demand_level(campaign: Campaign, level: str) -> None:
    if level not in campaign.level_list:
        sentence = _("Choisissez un niveau de la campagne.")
        raise Invalid(sentence, {"level": sentence})


def _name_taken(name: str) -> Invalid:
    sentence = _("Une classe « %(name)s » existe déjà dans ce collège.", name=name)
    return Invalid(sentence, {"name": sentence})


def _fresh_code(school_name: str, class_name: str) -> str:
    stem = class_code_stem(school_name, class_name)
    while True:
        code = stem + new_code(max(2, min(3, _CODE_LENGTH - len(stem))))
        if queries.class_of_code(code) is None:
            return code
