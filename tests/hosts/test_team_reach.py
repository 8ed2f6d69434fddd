"""What each of a team sees and does, who leaves, who is helped back in; one owner always remains. On both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.features import actor_of
from app.hosts import queries, services
from app.hosts.models import HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import Invited
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden
from app.messaging.models import OutboxMessage
from app.offers import queries as offer_queries
from app.offers import services as offer_services
from app.offers.models import PlacementOffer
from tests.hosts.team_kit import (
    OWNER,
    TUTOR,
    actions,
    colleague,
    last_mail,
    owner,
    shop,
    structure,
)
from tests.world import Land, World

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


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
