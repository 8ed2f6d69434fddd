"""Reading structures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import User
from app.audit import queries as audit_queries
from app.audit.models import JournalEntry
from app.campaigns.models import Commune, Territory
from app.hosts.models import HostKind, HostMember, HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db
from app.kernel.geography import Point
from app.occupations.queries import fold

COLUMNS = ScopeColumns(territory=HostOrganization.territory_id, organization=HostOrganization.id)
PER_PAGE = 20
LAST_PAGE = 10_000  # nobody turns so many pages; beyond, the engines run out of integers


@dataclass(frozen=True, slots=True)
class Filter:
    """What the coordinator asked for; None or empty means: do not narrow."""

    words: str = ""
    state: HostState | None = None
    kind: HostKind | None = None
    commune_id: int | None = None

    @property
    def is_active(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One thing done to an object, for people: `action` is the bare verb of its state table ("verify")."""

    at: datetime
    who: str
    action: str
    reason: str


def visible_to(actor: Actor) -> Select[tuple[HostOrganization]]:
    return select(HostOrganization).where(visible(actor, Permission.HOST_VIEW, COLUMNS))


def visible_organization(actor: Actor, organization_id: int) -> HostOrganization:
    """The structure with its sites and members, or `Hidden`."""
    organization = db.session.scalar(
        visible_to(actor)
        .where(HostOrganization.id == organization_id)
        .options(
            selectinload(HostOrganization.sites).joinedload(HostSite.commune),
            selectinload(HostOrganization.members).joinedload(HostMember.user),
        )
    )
    actor.reveal(Permission.HOST_VIEW, organization)
    assert organization is not None
    return organization


def visible_site(actor: Actor, site_id: int) -> HostSite:
    """The site with its structure, or `Hidden`."""
    site = db.session.scalar(
        select(HostSite)
        .join(HostSite.organization)
        .where(HostSite.id == site_id, visible(actor, Permission.HOST_VIEW, COLUMNS))
        .options(joinedload(HostSite.organization), joinedload(HostSite.commune))
    )
    actor.reveal(Permission.HOST_VIEW, site)
    assert site is not None
    return site


def sites_of(organization_id: int) -> list[HostSite]:
    return list(
        db.session.scalars(
            select(HostSite)
            .where(HostSite.organization_id == organization_id)
            .options(joinedload(HostSite.commune))
            .order_by(HostSite.id)
        )
    )


def choices(actor: Actor) -> list[tuple[int, str]]:
    """The structures in whose name the actor may write an offer: identifier and name."""
    statement = (
        visible_to(actor)
        .where(HostOrganization.state.not_in((HostState.REFUSED, HostState.PROSPECT)))
        .with_only_columns(HostOrganization.id, HostOrganization.name)
        .order_by(HostOrganization.name)
    )
    return [(number, name) for number, name in db.session.execute(statement)]


def page(actor: Actor, wanted: Filter, number: int) -> Pagination:
    """One page of structures, those which wait for a verification first, with sites and communes loaded."""
    statement = visible_to(actor)
    if wanted.state is not None:
        statement = statement.where(HostOrganization.state == wanted.state)
    else:  # structures to call come from official lists, in number: shown when asked for
        statement = statement.where(HostOrganization.state != HostState.PROSPECT)
    if wanted.kind is not None:
        statement = statement.where(HostOrganization.kind == wanted.kind)
    if wanted.commune_id is not None:
        statement = statement.where(
            exists().where(HostSite.organization_id == HostOrganization.id, HostSite.commune_id == wanted.commune_id)
        )
    if wanted.words:
        statement = statement.where(HostOrganization.id.in_(_matching(statement, wanted.words)))
    statement = statement.options(selectinload(HostOrganization.sites).joinedload(HostSite.commune)).order_by(
        (HostOrganization.state == HostState.REGISTERED).desc(), HostOrganization.name, HostOrganization.id
    )
    return db.paginate(statement, page=max(1, min(number, LAST_PAGE)), per_page=PER_PAGE, error_out=False)


def _matching(statement: Select[tuple[HostOrganization]], words: str) -> list[int]:
    """The structures whose name, SIREN or mission hold every word, accents or not."""
    wanted = fold(words).split()
    rows = db.session.execute(
        statement.with_only_columns(
            HostOrganization.id, HostOrganization.name, HostOrganization.siren, HostOrganization.mission
        )
    )
    return [number for number, *texts in rows if all(word in fold(" ".join(texts)) for word in wanted)]


def counts_by_state(actor: Actor) -> dict[HostState, int]:
    statement = (
        visible_to(actor).with_only_columns(HostOrganization.state, func.count()).group_by(HostOrganization.state)
    )
    return dict(db.session.execute(statement).tuples().all())


def prospect(territory_id: int, siren: str) -> HostOrganization | None:
    """The structure of that number which nobody has registered yet: known from an official list alone."""
    return db.session.scalar(
        select(HostOrganization)
        .where(
            HostOrganization.territory_id == territory_id,
            HostOrganization.siren == siren,
            HostOrganization.state == HostState.PROSPECT,
        )
        .options(selectinload(HostOrganization.sites))
        .with_for_update()
    )


def is_registered(territory_id: int, siren: str) -> bool:
    return (
        db.session.scalar(
            select(exists().where(HostOrganization.territory_id == territory_id, HostOrganization.siren == siren))
        )
        or False
    )


def by_request_key(request_key: str) -> HostOrganization | None:
    return db.session.scalar(select(HostOrganization).where(HostOrganization.request_key == request_key))


def territory(territory_id: int) -> Territory:
    found = db.session.get(Territory, territory_id)
    assert found is not None
    return found


def commune(commune_id: int) -> Commune | None:
    return db.session.get(Commune, commune_id)


def centres(communes: Iterable[Commune]) -> dict[int, Point]:
    """The centre of each commune, by its identifier."""
    return {commune.id: commune.point for commune in communes}


def coordinators(territory_id: int) -> list[User]:
    """Who is told of what waits in this territory."""
    return list(
        db.session.scalars(
            select(User)
            .where(User.territory_id == territory_id, User.role == Role.COORDINATOR, User.is_active)
            .order_by(User.id)
        )
    )


def last_entry(object_type: str, object_id: int) -> int:
    """The number of the latest line of an object's journal: it numbers the decision that a mail tells about."""
    statement = select(func.max(JournalEntry.id)).where(
        JournalEntry.object_type == object_type, JournalEntry.object_id == object_id
    )
    return db.session.scalar(statement) or 0


def journal(actor: Actor, object_type: str, object_id: int) -> list[JournalLine]:
    """The life of an object for those who may read the journal, oldest first, with the names of who acted."""
    entries = audit_queries.history(actor, object_type, object_id)
    ids = {entry.user_id for entry in entries if entry.user_id is not None}
    names = (
        dict(db.session.execute(select(User.id, User.display_name).where(User.id.in_(ids))).tuples().all())
        if ids
        else {}
    )
    return [
        JournalLine(entry.at, names.get(entry.user_id or 0, ""), entry.action.rpartition(".")[2], entry.reason)
        for entry in entries
    ]
