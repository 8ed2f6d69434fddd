"""Who can sign in to the demo, and as whom the commands act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.allocation.models import MatchingRun
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.demo import doors, loading, people, sources
from app.hosts.models import HostMember, HostOrganization
from app.kernel.database import db, reading
from app.kernel.errors import Hidden
from app.schools import rules as school_rules
from app.schools.models import School, SchoolClass, SchoolStaff, StaffRole, Student
from app.settings import Settings
from app.wishes.models import InterestProfile, WishList, WishListState

_SHOWN_SCHOOL = "0622795B"  # Collège François Rabelais, Hénin-Beaumont


@dataclass(frozen=True, slots=True)
class Line:
    role: str
    who: str
    identifier: str
    secret: str


def coordinator() -> Actor:
    """The demo's first coordinator; `Hidden` when the demo is not loaded."""
    user = db.session.scalar(select(User).where(User.email == loading.COORDINATORS[0]))
    if user is None:
        raise Hidden(_("La démonstration n’est pas chargée. Lancez d’abord : flask demo load"))
    return Actor(Role.COORDINATOR, user.display_name, user.id, user.territory_id)


def campaign() -> Campaign:
    current = campaign_queries.current(coordinator())
    assert current is not None
    return current


def run_progress(run_id: int) -> tuple[str, int]:
    """(stage, percent) of a run, as last stored."""
    with reading():
        run = db.session.get(MatchingRun, run_id)
        return (run.stage, run.progress) if run is not None else ("", 0)


def lines() -> list[Line]:
    """One account of each kind, in the order of the road."""
    territory_id = coordinator().territory_id
    assert territory_id is not None
    second = doors.campaign_id(territory_id)
    more = [Line(*row) for row in doors.rows(second)] if second else []
    return [*_office(), *_school(territory_id), *_hosts(territory_id), *_students(territory_id), *more]


def table() -> str:
    """The accounts as text for a terminal."""
    settings: Settings = current_app.config["SETTINGS"]
    with current_app.test_request_context(base_url=settings.public_url):
        adults, cards = url_for("accounts.sign_in_adult", _external=True), url_for("accounts.sign_in", _external=True)
        second = doors.campaign_id(coordinator().territory_id or 0)
        families = [f"{label} : {url}" for label, url in doors.family_links(second)] if second else []
    shown = lines()
    head = Line(_("Rôle"), _("Qui"), _("Identifiant"), _("Mot de passe ou code"))
    widths = [max(len(astuple(line)[i]) for line in (head, *shown)) for i in range(4)]
    rows = ["  ".join(text.ljust(width) for text, width in zip(astuple(line), widths, strict=True)).rstrip()
            for line in (head, *shown)]  # fmt: skip
    rule = "  ".join("─" * width for width in widths)
    return "\n".join(
        [
            "",
            _("Comptes de démonstration (toutes les personnes et toutes les structures sont inventées)"),
            "",
            rows[0],
            rule,
            *rows[1:],
            "",
            _("Adultes : %(url)s", url=adults),
            _("Coordination et administration : la page qui demande ensuite un code à six chiffres le montre."),
            _("Élèves, avec leur carte : %(url)s", url=cards),
            *families,
            "",
            _(
                "Stages de 3e : les vœux sont ouverts. Pour décider, la coordination les clôt "
                "sur la page de la campagne."
            ),
            *(
                [
                    _(
                        "Stages de 4e : réponses, conventions à signer (la direction en a plusieurs), bilans. "
                        "Le nom de la campagne, en haut de page, mène au choix de la campagne."
                    )
                ]
                if second
                else []
            ),
            "",
        ]
    )


def _account(role: str, user: User | None) -> Iterator[Line]:
    if user is not None and user.email is not None:
        yield Line(role, user.display_name, user.email, people.PASSWORD)


def _office() -> Iterator[Line]:
    for role, email in (
        (_("Administration"), loading.ADMIN),
        (_("Coordination"), loading.COORDINATORS[0]),
        (_("Observation (chiffres)"), loading.OBSERVER),
    ):
        yield from _account(role, db.session.scalar(select(User).where(User.email == email)))


def _school(territory_id: int) -> Iterator[Line]:
    def staff(role: StaffRole) -> Select[tuple[User]]:
        return (
            select(User)
            .join(SchoolStaff, SchoolStaff.user_id == User.id)
            .join(School)
            .where(School.territory_id == territory_id, School.uai == _SHOWN_SCHOOL, SchoolStaff.role == role)
            .order_by(User.id)
            .limit(1)
        )

    yield from _account(_("Direction de collège"), db.session.scalar(staff(StaffRole.HEAD)))
    yield from _account(_("Professeur principal, 3A"), db.session.scalar(staff(StaffRole.TEACHER)))


def _hosts(territory_id: int) -> Iterator[Line]:
    """One structure with an offer of last year, one which waits to be verified."""
    returning = sources.organizations()
    siren = {record["key"]: record["siren"] for record in returning}
    for role, code in (
        (_("Structure d’accueil"), siren[sources.last_year_offers()[0]["organization"]]),
        (_("Structure à vérifier"), returning[-1]["siren"]),
    ):
        member = db.session.scalar(
            select(HostMember)
            .join(HostOrganization)
            .where(HostOrganization.territory_id == territory_id, HostOrganization.siren == code)
            .options(joinedload(HostMember.user), joinedload(HostMember.organization))
            .limit(1)
        )
        if member is not None and member.user.email is not None:
            who = f"{member.user.display_name}, {member.organization.name}"
            yield Line(role, who, member.user.email, people.PASSWORD)


def _students(territory_id: int) -> Iterator[Line]:
    """Three of the same class, at three points of the road. The code is shown as long as the card was not remade."""
    mine = (
        select(Student)
        .join(SchoolClass)
        .join(School)
        .where(School.territory_id == territory_id, School.uai == _SHOWN_SCHOOL)
        .options(joinedload(Student.school_class), joinedload(Student.user))
        .order_by(SchoolClass.name, Student.id)
    )
    profiles, lists = select(InterestProfile.student_id), select(WishList.student_id)
    sent = lists.where(WishList.state == WishListState.SUBMITTED)
    for role, query in (
        (_("Élève, vœux envoyés"), mine.where(Student.id.in_(sent))),
        (_("Élève, envies remplies"), mine.where(Student.id.in_(profiles), Student.id.not_in(lists))),
        (_("Élève, rien encore"), mine.where(Student.id.not_in(profiles))),
    ):
        for student in db.session.scalars(query.limit(1)):
            code = student.school_class.code
            secret = people.card_code(code, student.first_name, student.last_name, accounts.PERSONAL_CODE_LENGTH)
            unchanged = accounts.code_digest(code, secret) == student.user.code_digest
            yield Line(role, student.full_name, code, school_rules.grouped(secret) if unchanged else _("carte refaite"))
