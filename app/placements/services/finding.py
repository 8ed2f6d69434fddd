"""« J’ai trouvé moi-même » : one verb makes structure, private offer, slot and placement; the coordinator verifies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.allocation import services as allocation
from app.audit import services as audit
from app.campaigns.models import Campaign, Territory
from app.campaigns.states import Phase
from app.hosts import services as hosts
from app.hosts.kinds import EssFamily, HostKind
from app.hosts.models import HostOrganization, HostSite
from app.hosts.rules import OTHER_FORM
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, Invalid, PhaseClosed
from app.kernel.identifiers import parse_phone, parse_siret
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements import hours, queries
from app.placements.finds import FindDraft, find_problems, looks_like
from app.placements.models import Origin, Placement
from app.placements.services import codes, lawful, sharing, telling
from app.placements.services.moving import release_seat, step, take
from app.placements.services.sharing import Week
from app.placements.states import PlacementState
from app.regulations.rules import Finding, blocking
from app.regulations.schedules import Schedule
from app.schools import queries as school_queries
from app.schools.models import Student

DAYS = 4  # from Monday to Friday


def weeks_of(student: Student) -> list[date]:
    """The weeks in which the student may still go: the school's, else the campaign's."""
    school_class = student.school_class
    chosen = school_queries.weeks([school_class.school_id], school_class.campaign_id).get(school_class.school_id)
    mondays = chosen or [week.monday for week in school_class.campaign.weeks]
    return [monday for monday in mondays if monday > clock.today()]


def find(student: Student, draft: FindDraft, *, by: Actor) -> Placement:
    """Store a student's own find, to be verified. The same `request_key` twice is one find.

    Typed by the staff beside a stage that stands, it is one more structure of the same week.

    Raises `Invalid`, `PhaseClosed` once the campaign is over, `Conflict` when the student already has a stage.
    """
    by.demand(Permission.PLACEMENT_FIND, student)
    with transaction():
        row = locked(Student, student.id)
        assert row is not None
        key = f"find:{row.id}:{draft.request_key}"[:40]
        known = queries.of_request(key)
        if known is not None:
            return known
        campaign = row.school_class.campaign
        if campaign.phase is Phase.CLOSED:
            raise PhaseClosed(_("La campagne est terminée."))
        standing = queries.live_of_student(row.id)
        if standing and by.role is Role.STUDENT:
            raise Conflict(_("Il y a déjà un stage. Pour en changer, parles-en à ton professeur."))
        if standing and (refusal := sharing.why_not(Week(standing))):
            raise Conflict(refusal)
        communes = {commune.id: commune for commune in campaign.territory.communes}
        problems = find_problems(draft, weeks_of(row), communes) | _problems_beside(draft, standing)
        if problems or draft.monday is None:
            raise Invalid(_("Il manque quelque chose."), problems)
        try:
            with db.session.begin_nested():
                placement = _store(row, draft, campaign, draft.monday, key, standing)
        except IntegrityError:  # the same find, or the same structure by a classmate, at this very instant
            raise Conflict(_("Quelqu’un vient d’enregistrer la même chose. Recommence dans un instant.")) from None
        audit.record("placement.find", placement, by=by, to_state=placement.state, student=row.id)
        telling.tell_found(placement)
        return placement


def _problems_beside(draft: FindDraft, standing: Sequence[Placement]) -> dict[str, str]:
    """What a second structure of a week cannot be: of another week, or on every day of the one that stands."""
    if not standing:
        return {}
    if draft.monday != standing[0].slot.monday:
        return {"monday": _("Choisissez la semaine du stage qui existe déjà.")}
    days = draft.weekdays
    full = [row.slot.offer.organization.name for row in standing if not sharing.left_beside(row, days)]
    return {"days": _("Laissez au moins un jour à %(name)s.", name=full[0])} if full else {}


def _store(
    student: Student,
    draft: FindDraft,
    campaign: Campaign,
    monday: date,
    key: str,
    standing: Sequence[Placement],
) -> Placement:
    week = draft.hours()
    assert week is not None
    site = _site(draft, campaign.territory)
    offer = PlacementOffer(
        territory_id=student.territory_id,
        campaign_id=campaign.id,
        organization=site.organization,
        site=site,
        request_key=key,
        title=_("Stage chez %(name)s", name=site.organization.name)[:120],
        description=draft.work,
        sector="",
        levels=student.school_class.level,
        schedule=week.to_json(),
        tutor_name=draft.contact_name,
        tutor_email=draft.contact_email.lower(),
        tutor_phone=parse_phone(draft.contact_phone) or "",
        state=OfferState.PRIVATE,
        slots=[Slot(monday=monday, capacity=1, taken=1)],
    )
    db.session.add(offer)
    db.session.flush()
    placement = Placement(
        territory_id=student.territory_id,
        campaign_id=campaign.id,
        student=student,
        slot=offer.slots[0],
        origin=Origin.FOUND,
        stop=sharing.free_stop(standing) if standing else 0,
        days=sharing.written(week.weekdays) if standing else "",
        state=PlacementState.TO_VERIFY,
    )
    db.session.add(placement)
    db.session.flush()
    return placement


def _site(draft: FindDraft, territory: Territory) -> HostSite:
    """The known place when the SIRET is known, else a new one, in the known structure or a new one."""
    siret = parse_siret(draft.siret) if draft.siret else None
    organization = queries.organization_of_siren(territory.id, siret[:9]) if siret else None
    if organization is not None:
        known = next((site for site in organization.sites if site.siret == siret), None)
        if known is not None:
            return known
    else:
        organization = HostOrganization(
            territory_id=territory.id,
            siren=siret[:9] if siret else None,
            name=draft.structure,
            legal_form=OTHER_FORM,
            family=EssFamily.OTHER,
            kind=HostKind.AUTRE,
            phone=parse_phone(draft.contact_phone) or "",
            state=HostState.REGISTERED,
        )
        db.session.add(organization)
    commune = next((commune for commune in territory.communes if commune.id == draft.commune_id), None)
    site = HostSite(
        siret=siret,
        name=draft.structure,
        address=draft.address,
        commune=commune,
        other_town="" if commune else draft.town,
        postcode=commune.postcode if commune else draft.postcode,
        lat=commune.lat if commune else None,
        lon=commune.lon if commune else None,
    )
    organization.sites.append(site)
    db.session.flush()
    return site


def findings(placement: Placement) -> list[str]:
    """What the coordinator should look at before saying yes, in sentences: rules first, then the structure."""
    sentences = lawful.sentences(_broken(placement))
    organization = placement.slot.offer.organization
    if organization.state in {HostState.SUSPENDED, HostState.REFUSED}:
        sentences.append(_("Cette structure est suspendue ou refusée."))
    if organization.serves_alcohol:
        sentences.append(_("Cette structure sert de l’alcool : la convention dira que l’élève n’est pas au bar."))
    site = placement.slot.offer.site
    if not site.is_located:
        sentences.append(
            _(
                "%(town)s (%(postcode)s) est hors du territoire : la distance n’est pas connue.",
                town=site.town,
                postcode=site.postcode,
            )
        )
    if placement.slot.monday <= clock.today():
        sentences.append(_("Cette semaine a déjà commencé."))
    if not placement.slot.offer.tutor_email and not organization.members:
        sentences.append(_("La structure n’a pas d’adresse e-mail : imprimez-lui une lettre, ou appelez."))
    return sentences


def _broken(placement: Placement) -> tuple[Finding, ...]:
    others = [hours.ordinary(row, sharing.left_beside(row, placement.weekdays)) for row in queries.weekmates(placement)]
    return lawful.broken(placement.student, Schedule.joined([hours.of(placement), *others]), placement.slot.monday)


def rivals(placement: Placement) -> list[HostOrganization]:
    """Known structures that this one, made by a find, may well be: same telephone, or a name that looks like it."""
    own = placement.slot.offer.organization
    if own.state is not HostState.REGISTERED or own.members:
        return []
    others = queries.organizations_of_territory(own.territory_id, but=own.id)
    return [o for o in others if (own.phone and o.phone == own.phone) or looks_like(o.name, own.name)][:5]


def verify(placement_id: int, *, by: Actor) -> Placement:
    """A find is a stage: structure, family and teachers are told, and asked. Raises `Conflict` naming what forbids it.

    A place that was approved for the student meanwhile, and told to nobody, is given back.
    """
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_VERIFY, placement)
        if placement.state is PlacementState.AWAITING:
            return placement
        stopping = lawful.sentences(blocking(_broken(placement)))
        if placement.state is PlacementState.TO_VERIFY and stopping:
            raise Conflict(_("Ce stage n’est pas permis ainsi. %(why)s", why=" ".join(stopping)))
        step(placement, "verify", by=by)
        if placement.slot.offer.organization.state is HostState.PROSPECT:  # an official list had told of it
            hosts.decide(placement.slot.offer.organization, "enlist", by=by)
        placement.published_at = clock.now()
        codes.issue([placement])
        others, changed = sharing.give_way(placement, by=by)
        if others:
            telling.tell_arranged([*others, placement], changed, placement)
        else:
            allocation.give_back(placement.student_id, "withdraw", _("L’élève a trouvé un stage lui-même."), by=by)
            telling.tell_published([placement])
        return placement


def reject(placement_id: int, reason: str, *, by: Actor) -> Placement:
    """A find cannot be a stage: the student reads why, the teachers are told. Raises `Invalid` without a reason."""
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_VERIFY, placement)
        if placement.state is PlacementState.REJECTED:
            return placement
        step(placement, "reject", by=by, reason=reason)
        release_seat(placement, by=by, reason=placement.state_reason)
        telling.tell_rejected(placement)
        return placement


def merge(placement_id: int, organization_id: int, *, by: Actor) -> Placement:
    """« C’est la même » : hang the find on a structure already known; what the find had made alone disappears."""
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_VERIFY, placement)
        offer = placement.slot.offer
        own = offer.organization
        if own.id == organization_id:
            return placement
        target = locked(HostOrganization, organization_id)
        if target is None or not by.can(Permission.HOST_REVIEW, target):
            raise Hidden(_("Cette structure n’existe pas."))
        if placement.state is not PlacementState.TO_VERIFY or own.members or own.state is not HostState.REGISTERED:
            raise Conflict(
                _("Cette structure est déjà vérifiée, ou a déjà un compte : elle ne se fond plus dans une autre.")
            )
        site = offer.site
        same = next((s for s in target.sites if s.siret and s.siret == site.siret), None)
        if same is not None:
            offer.site = same
        else:
            if target.siren and site.siret and not site.siret.startswith(target.siren):
                site.siret = None
            site.organization = target
        offer.organization = target
        db.session.flush()
        if queries.stands_alone(own.id):
            db.session.refresh(own)
            db.session.delete(own)
        audit.record("placement.merge", placement, by=by, organization=target.id)
        return placement
