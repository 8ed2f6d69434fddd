"""Entering a team: by a mailed link, by a paper; nothing says who has an account. On both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.access.policy import Role
from app.accounts.models import User
from app.features import actor_of
from app.hosts import links, queries, services
from app.hosts.models import HostMember, HostOrganization, MemberRole
from app.hosts.rules import INVITATION_LIFETIME, MAX_AWAITED, Invited, Seat
from app.kernel.database import db
from app.kernel.errors import Conflict, Hidden, Invalid
from tests.conftest import NOVEMBER
from tests.hosts.team_kit import (
    OWNER,
    actions,
    colleague,
    invited,
    last_mail,
    mails,
    owner,
    shop,
    structure,
    token,
)
from tests.world import World

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


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
