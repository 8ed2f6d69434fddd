"""Teams of structures: who enters, who sees what, who leaves; one owner always remains. On both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.features import actor_of
from app.hosts import links, queries, services
from app.hosts.models import HostInvitation, HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import INVITATION_LIFETIME, MAX_AWAITED, Invited, Seat
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.messaging.models import OutboxMessage
from app.offers import queries as offer_queries
from app.offers import services as offer_services
from app.offers.models import PlacementOffer
from tests.conftest import NOVEMBER
from tests.world import Land, World, siret

pytestmark = pytest.mark.both_engines

TUTOR, OWNER = Seat(MemberRole.TUTOR), Seat(MemberRole.OWNER, "directrice")


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


def structure(land: Land) -> HostOrganization:
    return db.session.get_one(HostOrganization, land.organization_id)


def shop(land: Land) -> HostSite:
    """A second place of the structure."""
    here = db.session.get_one(HostSite, land.site_id)
    site = HostSite(
        organization_id=here.organization_id,
        commune_id=here.commune_id,
        siret=siret(structure(land).siren or "", 2),
        name="Boutique",
        address="1 place Wagon",
        postcode="62110",
        lat=here.lat,
        lon=here.lon,
    )
    db.session.add(site)
    db.session.commit()
    return site


def colleague(land: Land, email: str, role: MemberRole = MemberRole.TUTOR, *sites: HostSite) -> HostMember:
    user = User(territory_id=land.territory_id, role=Role.HOST, display_name=email.split("@")[0].title(), email=email)
    member = HostMember(organization_id=land.organization_id, user=user, role=role, sites=list(sites))
    db.session.add(member)
    db.session.commit()
    return member


def owner(land: Land) -> HostMember:
    return queries.owners_of(land.organization_id)[0]


def invited(land: Land, email: str = "awa@terril.example", seat: Seat = TUTOR) -> HostInvitation:
    return services.invite(structure(land), Invited("Awa Nowak", email, seat), by=land.actor(Role.HOST))


def last_mail(kind: str) -> OutboxMessage:
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)).all()
    return found[-1]


def token(mail: OutboxMessage) -> str:
    match = re.search(r"/equipe/(\S+)", mail.text)
    assert match is not None
    return match[1]


def mails(kind: str) -> int:
    return len(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).all())


def actions() -> list[str]:
    return list(db.session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


# --- entering ---------------------------------------------------------------------------------------------------


def test_a_colleague_enters_by_the_mailed_link_once(world: World) -> None:
    invitation = invited(world.here)
    assert [site.id for site in invitation.sites] == [world.here.site_id]  # the only place of the structure
    link = token(last_mail("team_invitation"))
    user = services.accept(link)
    assert (user.role, user.email, user.display_name) == (Role.HOST, "awa@terril.example", "Awa Nowak")
    assert actor_of(user).site_ids == {world.here.site_id}
    assert (invitation.name, invitation.email, invitation.code_digest) == ("", None, None)
    with pytest.raises(Conflict):
        services.accept(link)
    assert actions()[-2:] == ["host.team_invite", "host.team_join"]


def test_an_account_of_another_structure_gains_this_one_and_keeps_its_own(world: World) -> None:
    member = colleague(world.here, "karim@terril.example", MemberRole.OWNER)
    other = HostOrganization(
        territory_id=world.here.territory_id,
        name="Les Jardins",
        legal_form="9220",
        family=structure(world.here).family,
        kind=structure(world.here).kind,
    )
    db.session.add(other)
    db.session.flush()
    db.session.add(HostMember(organization_id=other.id, user_id=world.here.users[Role.HOST]))
    db.session.commit()
    services.invite(other, Invited("Karim", "karim@terril.example", OWNER), by=world.here.actor(Role.HOST))
    user = services.accept(token(last_mail("team_invitation")))
    assert user.id == member.user_id
    assert actor_of(user).organization_ids == {world.here.organization_id, other.id}


def test_inviting_never_tells_whether_an_address_has_an_account(world: World) -> None:
    teacher = db.session.get_one(User, world.here.users[Role.TEACHER])
    for email in ("nobody@mail.example", teacher.email or ""):
        invited(world.here, email)
    assert mails("team_invitation") == 2
    with pytest.raises(Conflict) as refusal:  # said to the reader of that mailbox alone
        services.accept(token(last_mail("team_invitation")))
    assert "autre compte" in refusal.value.message
    assert queries.invitation_to(world.here.organization_id, teacher.email or "") is not None


def test_the_same_invitation_twice_is_one_and_its_first_link_is_dead(world: World) -> None:
    invited(world.here)
    first = token(last_mail("team_invitation"))
    invited(world.here)
    assert len(queries.awaited(world.here.organization_id)) == 1
    with pytest.raises(Conflict):
        services.accept(first)
    services.accept(token(last_mail("team_invitation")))


def test_an_expired_link_is_renewed_from_its_own_page(world: World) -> None:
    invited(world.here)
    link = token(last_mail("team_invitation"))
    with time_machine.travel(NOVEMBER + INVITATION_LIFETIME + timedelta(hours=1)):
        assert not services.is_good(services.look(link), link)
        with pytest.raises(Conflict):
            services.accept(link)
        services.renew(link, address="192.0.2.1")
        services.accept(token(last_mail("team_invitation")))
    before = mails("team_invitation")
    services.renew(link, address="192.0.2.1")  # it has served
    services.renew("nonsense", address="192.0.2.1")
    assert mails("team_invitation") == before


def test_a_withdrawn_invitation_opens_nothing(world: World) -> None:
    invitation = invited(world.here)
    link = token(last_mail("team_invitation"))
    services.withdraw(structure(world.here), invitation.id, by=world.here.actor(Role.HOST))
    with pytest.raises(Hidden):
        services.accept(link)


def test_a_paper_leads_to_a_mailbox_and_a_mistyped_address_is_typed_again(world: World) -> None:
    invitation = invited(world.here, email="")
    assert mails("team_invitation") == 0
    code = services.print_code(structure(world.here), invitation.id, by=world.here.actor(Role.HOST))
    assert services.ask_by_code(code.lower(), "awa@typo.example", address="192.0.2.1")
    wrong = token(last_mail("team_invitation"))
    assert services.ask_by_code(code, "Awa@terril.example", address="192.0.2.1")
    with pytest.raises(Conflict):
        services.accept(wrong)
    assert services.accept(token(last_mail("team_invitation"))).email == "awa@terril.example"
    assert not services.ask_by_code(code, "other@terril.example", address="192.0.2.1")


def test_a_new_paper_replaces_the_former(world: World) -> None:
    invitation = invited(world.here, email="")
    by = world.here.actor(Role.HOST)
    first, second = (services.print_code(structure(world.here), invitation.id, by=by) for _n in range(2))
    assert not services.ask_by_code(first, "awa@terril.example", address="192.0.2.1")
    assert services.ask_by_code(second, "awa@terril.example", address="192.0.2.1")


def test_a_forged_link_is_none(world: World) -> None:
    invitation = invited(world.here)
    assert links.read(links.token_for(invitation) + "x") is None
    with pytest.raises(Hidden):
        services.accept("WzEsMSwiIl0.forged")


def test_somebody_of_the_team_is_not_invited_and_invitations_are_counted(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        invited(world.here, owner(world.here).user.email or "")
    assert list(refusal.value.fields) == ["email"]
    for number in range(MAX_AWAITED):
        invited(world.here, f"p{number}@terril.example")
    with pytest.raises(Conflict):
        invited(world.here, "onemore@terril.example")


def test_a_tutor_has_places_of_this_structure(world: World) -> None:
    shop(world.here)
    for wrong in ((), (world.there.site_id,)):
        with pytest.raises(Invalid) as refusal:
            invited(world.here, seat=Seat(MemberRole.TUTOR, "", wrong))
        assert list(refusal.value.fields) == ["site_ids"]


# --- seeing -----------------------------------------------------------------------------------------------------


def _offers(land: Land, *sites: HostSite) -> list[PlacementOffer]:
    """One more offer a place, all drafts."""
    model = db.session.get_one(PlacementOffer, land.offer_id)
    made = []
    for site in sites:
        offer = PlacementOffer(
            **{
                name: getattr(model, name)
                for name in ("territory_id", "campaign_id", "organization_id", "title", "description", "sector")
            },
            site_id=site.id,
        )
        db.session.add(offer)
        made.append(offer)
    db.session.commit()
    return made


def test_what_a_person_of_the_team_may_do_is_what_their_lists_show(world: World) -> None:
    second = shop(world.here)
    _offers(world.here, second)
    people = [
        colleague(
            world.here, "first@terril.example", MemberRole.TUTOR, db.session.get_one(HostSite, world.here.site_id)
        ),
        colleague(world.here, "second@terril.example", MemberRole.TUTOR, second),
        colleague(world.here, "both@terril.example", MemberRole.TUTOR, *structure(world.here).sites),
        colleague(world.here, "nowhere@terril.example", MemberRole.TUTOR),
        owner(world.here),
    ]
    everything = db.session.scalars(select(PlacementOffer)).all()
    seen = []
    for member in people:
        actor = actor_of(member.user)
        listed = set(db.session.scalars(offer_queries.visible_to(actor).with_only_columns(PlacementOffer.id)))
        assert listed == {offer.id for offer in everything if actor.can(Permission.OFFER_VIEW, offer)}
        assert listed == {offer.id for offer in everything if actor.can(Permission.OFFER_EDIT, offer)}
        assert actor.can(Permission.HOST_VIEW, structure(world.here))
        assert actor.can(Permission.TEAM_MANAGE, structure(world.here)) == (member.role is MemberRole.OWNER)
        seen.append(len(listed))
    assert seen == [2, 1, 3, 0, 3]


def test_a_tutor_writes_at_their_place_only(world: World) -> None:
    second = shop(world.here)
    tutor = actor_of(colleague(world.here, "second@terril.example", MemberRole.TUTOR, second).user)
    offer = db.session.get_one(PlacementOffer, world.here.draft_offer_id)
    with pytest.raises(Forbidden):
        offer_services.rewrite(offer, offer_services.draft_of(offer), send=False, by=tutor)
    draft = offer_services.draft_of(offer)
    with pytest.raises(Forbidden):
        offer_services.write(draft, structure(world.here), offer.campaign, request_key="here", send=False, by=tutor)
    (own,) = _offers(world.here, second)
    with pytest.raises(Forbidden):  # it would slip away to a place which is not theirs
        offer_services.rewrite(own, draft, send=False, by=tutor)


def test_mails_about_an_offer_go_to_its_place(world: World) -> None:
    second = shop(world.here)
    colleague(world.here, "second@terril.example", MemberRole.TUTOR, second)
    colleague(world.here, "first@terril.example", MemberRole.TUTOR, db.session.get_one(HostSite, world.here.site_id))
    coordinator = world.here.actor(Role.COORDINATOR)
    offer = db.session.get_one(PlacementOffer, world.here.offer_id)
    offer_services.act(offer, "suspend", by=coordinator, reason="Une question sur les machines.")
    told = set(db.session.scalars(select(OutboxMessage.to_email).where(OutboxMessage.kind == "offer_suspend")))
    assert told == {owner(world.here).user.email, "first@terril.example"}


def test_a_tutor_of_the_team_named_in_an_offer_is_written_to(world: World) -> None:
    site, second = structure(world.here).sites[0], shop(world.here)
    member = colleague(world.here, "awa@terril.example", MemberRole.TUTOR, site)
    member.job_title = "encadrante"
    colleague(world.here, "elsewhere@terril.example", MemberRole.TUTOR, second)
    db.session.commit()
    offer = db.session.get_one(PlacementOffer, world.here.draft_offer_id)
    offer.tutor_email, offer.tutor_phone = "karim@terril.example", "03 21 00 00 02"
    by = world.here.actor(Role.HOST)

    def named(name: str, role: str = "") -> tuple[str, str, str]:
        draft = replace(offer_services.draft_of(offer), tutor_name=name, tutor_role=role)
        offer_services.rewrite(offer, draft, send=False, by=by)
        return offer.tutor_email, offer.tutor_role, offer.tutor_phone

    assert named("Karim Lefebvre") == ("karim@terril.example", "", "03 21 00 00 02")  # nothing new: kept
    assert named("awa") == ("awa@terril.example", "encadrante", "")
    assert named("Elsewhere", "vendeur") == ("", "vendeur", "")  # of the team, at another place


# --- leaving ----------------------------------------------------------------------------------------------------


def test_the_last_owner_names_another_before_going(world: World) -> None:
    me, organization = world.here.actor(Role.HOST), structure(world.here)
    tutor = colleague(world.here, "awa@terril.example", MemberRole.TUTOR, organization.sites[0])
    for verb in (
        lambda: services.leave(organization, by=me),
        lambda: services.remove(organization, owner(world.here).id, by=world.here.actor(Role.COORDINATOR)),
        lambda: services.change(organization, owner(world.here).id, TUTOR, by=me),
    ):
        with pytest.raises(Conflict):
            verb()
    services.change(organization, tutor.id, OWNER, by=me)
    offers = db.session.scalars(select(PlacementOffer.id)).all()
    services.leave(organization, by=me)
    services.leave(organization, by=me)  # a double click
    assert [m.user.email for m in queries.owners_of(organization.id)] == ["awa@terril.example"]
    assert db.session.scalars(select(PlacementOffer.id)).all() == offers
    assert world.here.actor(Role.HOST).member_ids == frozenset()
    assert actions()[-2:] == ["host.team_change", "host.team_leave"]


def test_a_closed_account_is_no_owner_to_count_on(world: World) -> None:
    member = colleague(world.here, "gone@terril.example", MemberRole.OWNER)
    member.user.is_active = False
    db.session.commit()
    with pytest.raises(Conflict):
        services.leave(structure(world.here), by=world.here.actor(Role.HOST))


def test_whoever_is_removed_is_told_and_sees_nothing(world: World) -> None:
    tutor = colleague(world.here, "awa@terril.example", MemberRole.TUTOR, structure(world.here).sites[0])
    user = tutor.user
    services.remove(structure(world.here), tutor.id, by=world.here.actor(Role.HOST))
    assert last_mail("team_removed").to_email == "awa@terril.example"
    assert actor_of(user).site_ids == frozenset()
    assert not actor_of(user).can(Permission.HOST_VIEW, structure(world.here))


def test_a_tutor_and_a_stranger_change_no_team(world: World) -> None:
    tutor = colleague(world.here, "awa@terril.example", MemberRole.TUTOR, structure(world.here).sites[0])
    for by in (actor_of(tutor.user), world.there.actor(Role.HOST), world.there.actor(Role.COORDINATOR)):
        for verb in (
            lambda by: services.invite(structure(world.here), Invited("X", "x@mail.example", OWNER), by=by),
            lambda by: services.change(structure(world.here), tutor.id, OWNER, by=by),
            lambda by: services.remove(structure(world.here), owner(world.here).id, by=by),
        ):
            with pytest.raises(Forbidden):
                verb(by)
    with pytest.raises(Hidden):
        services.remove(structure(world.here), owner(world.there).id, by=world.here.actor(Role.HOST))


def test_two_owners_removing_each_other_at_once_leave_one(app: Flask, world: World) -> None:
    colleague(world.here, "awa@terril.example", MemberRole.OWNER)
    first, second = queries.owners_of(world.here.organization_id)
    pairs: list[tuple[Actor, int]] = [(actor_of(first.user), second.id), (actor_of(second.user), first.id)]
    organization_id, gate, outcomes = world.here.organization_id, Barrier(2), []
    db.session.commit()
    db.session.remove()

    def run(by: Actor, target: int) -> None:
        with app.test_request_context():
            organization = db.session.get_one(HostOrganization, organization_id)
            db.session.commit()
            gate.wait()
            try:
                services.remove(organization, target, by=by)
                outcomes.append("removed")
            except Forbidden:
                outcomes.append("too late")
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["removed", "too late"]
    assert len(queries.owners_of(organization_id)) == 1


# --- helping back in --------------------------------------------------------------------------------------------


def test_a_link_is_put_in_nobodys_hands_to_whom_it_opens_more(world: World) -> None:
    here, me = structure(world.here).sites[0], world.here.actor(Role.HOST)
    tutor = colleague(world.here, "tutor@terril.example", MemberRole.TUTOR, here)
    equal = colleague(world.here, "equal@terril.example", MemberRole.OWNER)
    elsewhere = colleague(world.here, "elsewhere@terril.example", MemberRole.TUTOR, here)
    other = HostOrganization(
        territory_id=world.here.territory_id,
        name="Les Jardins",
        legal_form="9220",
        family=structure(world.here).family,
        kind=structure(world.here).kind,
    )
    db.session.add(other)
    db.session.flush()
    db.session.add(HostMember(organization_id=other.id, user_id=elsewhere.user_id, role=MemberRole.TUTOR))
    db.session.commit()
    coordinator = world.here.actor(Role.COORDINATOR)
    assert [services.may_hand_over(m, by=me) for m in (tutor, equal, elsewhere)] == [True, False, False]
    assert all(services.may_hand_over(m, by=coordinator) for m in (tutor, equal, elsewhere))
