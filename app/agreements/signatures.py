"""Reading signatures: who is awaited where, what an actor may sign, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.agreements.models import Agreement, Party, SigningCode, SigningDelegation
from app.agreements.queries import delegations, signers
from app.agreements.states import TAKES_NOTE, PartyRole, SignatureState
from app.kernel import clock
from app.kernel.errors import Hidden
from app.web.wording import day as in_words


@dataclass(frozen=True, slots=True)
class Authority:
    """By which right somebody signs: their own, or a head's written delegation."""

    delegation: SigningDelegation | None = None

    def sentence(self) -> str:
        """« par délégation de Paul Vasseur, du lundi 4 janvier au vendredi 2 avril », or nothing."""
        if self.delegation is None:
            return ""
        return _(
            "par délégation de %(head)s, décision du %(day)s",
            head=self.delegation.head.display_name,
            day=in_words(self.delegation.decided_on),
        )


def party_of(agreement: Agreement, party_id: int) -> Party:
    """The party of this agreement, or `Hidden`."""
    found = next((party for party in agreement.parties if party.id == party_id), None)
    if found is None:
        raise Hidden(_("Cette personne ne signe pas cette convention."))
    return found


def authority(actor: Actor, party: Party, held: list[SigningDelegation] | None = None) -> Authority | None:
    """By which right the actor signs for this party from their account; None: by none.

    A head signs what names them, or names no head of their school; another member of staff by delegation alone.
    """
    agreement = party.agreement
    if party.role is PartyRole.HEAD:
        if agreement.school_id not in actor.school_ids:
            return None
        if actor.role is Role.HEAD and party.user_id in {None, actor.user_id}:
            return Authority()
        given = delegations.holding_for(actor, clock.today()) if held is None else held
        for delegation in given:
            if delegation.school_id == agreement.school_id and party.user_id in {None, delegation.head_user_id}:
                return Authority(delegation)
        return None
    if not actor.can(Permission.AGREEMENT_SIGN, party):
        return None
    if party.role is PartyRole.STUDENT:
        return Authority() if actor.student_id == agreement.student_id else None
    if party.role is PartyRole.TEACHER:
        return Authority() if actor.role is Role.TEACHER and party.user_id in {None, actor.user_id} else None
    return Authority() if party.user_id is not None and party.user_id == actor.user_id else None


def to_sign(actor: Actor) -> list[Party]:
    """What awaits the actor's signature, with all that the list shows."""
    return signers.to_sign(actor, delegations.holding_for(actor, clock.today()))


def number_to_sign(actor: Actor) -> int:
    """How many conventions the actor may sign as a head or by delegation, in every campaign."""
    return signers.number_to_sign(actor, delegations.holding_for(actor, clock.today()))


def own_party(actor: Actor, agreement: Agreement) -> Party | None:
    """The place where the actor signs in this agreement, awaited first."""
    mine = [party for party in agreement.parties if authority(actor, party) is not None]
    mine.sort(key=lambda party: (party.state is not SignatureState.AWAITED, party.role in TAKES_NOTE, party.position))
    return mine[0] if mine else None


def batch(actor: Actor, code_id: int) -> tuple[SigningCode, list[Party]]:
    """A code that the actor asked for, with the signatures it covers, or `Hidden`."""
    code = signers.code(code_id)
    if code is None or code.user_id is None or code.user_id != actor.user_id:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return code, signers.parties([party_id for party_id, _digest in code.covers])
