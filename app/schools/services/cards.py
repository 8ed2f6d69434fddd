"""Access cards: the only moment when a personal code is known to anybody but its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.accounts.cards import forget_cards
from app.accounts.models import User
from app.audit import services as audit
from app.campaigns.rules import is_over
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict
from app.kernel.jobs import jobs
from app.schools.models import FamilyCode, SchoolClass, Student
from app.schools.queries import paper


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed for one student; the personal code is stored nowhere."""

    student_id: int
    first_name: str
    last_name: str
    school_name: str
    class_name: str
    class_code: str
    personal_code: str


def cards_known(students: Sequence[Student]) -> str:
    """A digest of the cards that work now, which the page that asks before replacing them sends back."""
    known = sorted(f"{student.id}:{student.user.code_digest or ''}" for student in students)
    return accounts.digest(" ".join(known), purpose="cards-known")[:32]


def reissue_cards(
    students: Sequence[Student], *, by: Actor, seen: str = "", among: Sequence[Student] = ()
) -> list[Card]:
    """New codes: the former cards stop working and the students' open sessions close.

    `seen` is `cards_known(among)` (`students` by default) when the page was shown: asked twice (a double click, a page
    reloaded), the second raises `Conflict` rather than kill the cards that are coming out of the printer.
    """
    for student in students:
        by.demand(Permission.STUDENT_MANAGE, student)
        if is_over(student.school_class.campaign, clock.today()):
            raise Conflict(_("La campagne est terminée : ses cartes ne marchent plus, et il ne s’en fait plus."))
    with transaction():
        for class_id in sorted({student.class_id for student in students}):
            locked(SchoolClass, class_id)
        for student in among or students:
            locked(User, student.user_id)
        if seen and seen != cards_known(among or students):
            raise Conflict(
                _(
                    "Ces cartes viennent d’être faites : celles qui sont imprimées marchent, rien n’a changé. "
                    "Si leur page est perdue, revenez à la classe et refaites-les."
                )
            )
        cards = []
        for student in students:
            cards.append(issue(student))
            audit.record("student.reissue_card", student, by=by)
        return cards


def issue(student: Student) -> Card:
    """A card with a new code, inside the caller's transaction."""
    return _card(student, accounts.issue_card_code(student.user, student.school_class.code))


def _card(student: Student, personal_code: str) -> Card:
    return Card(
        student_id=student.id,
        first_name=student.first_name,
        last_name=student.last_name,
        school_name=student.school_class.school.name,
        class_name=student.school_class.name,
        class_code=student.school_class.code,
        personal_code=personal_code,
    )


def cards_in_hand(students: Sequence[Student], codes: Mapping[int, str], *, by: Actor) -> list[Card]:
    """The cards whose codes the page that made them still shows, for those that still work: nothing is stored to
    remember them, and nothing but a right code makes a card. The others are left out.
    """
    cards = []
    for student in students:
        by.demand(Permission.STUDENT_MANAGE, student)
        code = codes.get(student.id, "")
        if code and student.user.code_digest == accounts.code_digest(student.school_class.code, code):
            cards.append(_card(student, code))
    return cards


@jobs.every_minute
def expire_cards() -> None:
    """A card dies with its campaign: its code is forgotten and its open sessions close. The families' codes too."""
    today = clock.today()
    dead, codes = paper.accounts_with_a_dead_card(today), paper.family_codes_that_are_over(today)
    if not dead and not codes:
        return
    with transaction():
        forget_cards(dead)
        db.session.execute(delete(FamilyCode).where(FamilyCode.id.in_(codes)))
