"""What the structure and the family answer. Any order, any medium; the last word counts until the stage begins."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden
from app.placements import seals
from app.placements.models import Placement, PlacementAnswer
from app.placements.rules import family_word
from app.placements.services import telling
from app.placements.services.moving import demanded_reason, release_seat, step, take, take_seat_again
from app.placements.states import TABLE, Answer, Medium, PlacementState, Side

_S = PlacementState
_OPEN = frozenset({_S.AWAITING, _S.CONFIRMED})
_NO = {Side.HOST: "decline", Side.FAMILY: "refuse"}
_STAFF_MEDIA = frozenset({Medium.PAPER, Medium.PHONE})


def answer(
    placement_id: int,
    value: Answer,
    side: Side,
    *,
    by: Actor,
    medium: Medium,
    reason: str = "",
    guardian_id: int | None = None,
    give_up: bool = False,
) -> Placement:
    """Note a yes or a no, and move the placement if that decides it. The same answer twice changes nothing.

    A no needs a `reason` and frees the seat; `give_up`: the structure has no place for another student either.
    Raises `Forbidden` when `by` does not speak for that side, `Conflict` when it is too late, `Invalid`.
    """
    if value is Answer.NONE:
        raise ValueError("an answer is yes or no")
    with transaction():
        placement = take(placement_id)
        _demand_voice(placement, side, medium, by)
        if _already_said(placement, side, value, guardian_id):
            return placement
        _demand_time(placement, side)
        reason = demanded_reason(reason) if value is Answer.NO else ""
        if placement.state is TABLE[_NO[side]].target and value is Answer.YES:
            take_seat_again(placement, by=by, reason=_("La réponse a changé."))
            step(placement, "reconsider", by=by, side=side)
        placement.answers.append(
            PlacementAnswer(
                side=side, value=value, medium=medium, guardian_id=guardian_id, user_id=by.user_id, reason=reason
            )
        )
        db.session.flush()
        _settle(placement, side, by=by, reason=reason, give_up=give_up, medium=medium)
        return placement


def _settle(placement: Placement, side: Side, *, by: Actor, reason: str, give_up: bool, medium: Medium) -> None:
    """Bring the summary and the state in line with what has now been said."""
    was_disputed = placement.family_disputed
    if side is Side.HOST:
        placement.host_answer, placement.host_answered_at = placement.answers[-1].value, clock.now()
    else:
        word = family_word((a.guardian_id, a.value) for a in placement.answers if a.side is Side.FAMILY)
        placement.family_answer, placement.family_disputed = word.answer, word.disputed
        placement.family_answered_at = clock.now()
    verdict = placement.answer_of(side)
    audit.record(
        "placement.answer", placement, by=by, side=side, value=placement.answers[-1].value, medium=medium, reason=reason
    )
    if verdict is Answer.NO:
        step(placement, _NO[side], by=by, reason=reason)
        release_seat(placement, by=by, reason=reason, give_up=give_up and side is Side.HOST)
        telling.tell_undone(placement)
    elif placement.host_answer is placement.family_answer is Answer.YES and placement.state is _S.AWAITING:
        step(placement, "confirm", by=by)
    if placement.family_disputed and not was_disputed:
        telling.tell_disputed(placement)


def _demand_voice(placement: Placement, side: Side, medium: Medium, by: Actor) -> None:
    """A structure speaks for itself, a family for itself, the staff type what a family or a structure told them."""
    if by.role in {Role.TEACHER, Role.HEAD}:
        by.demand(Permission.PLACEMENT_FOLLOW, placement)
        speaks = side is Side.FAMILY and medium in _STAFF_MEDIA
    else:
        by.demand(Permission.PLACEMENT_ANSWER, placement)
        speaks = {
            Role.HOST: side is Side.HOST,
            Role.GUARDIAN: side is Side.FAMILY,
            Role.COORDINATOR: medium in _STAFF_MEDIA,
        }.get(by.role, False)
    if not speaks:
        raise Forbidden(_("Cette réponse n’est pas la vôtre."))


def _already_said(placement: Placement, side: Side, value: Answer, guardian_id: int | None) -> bool:
    """Whether the same voice's last word is the same (a double click, a link followed twice)."""
    said = [a.value for a in placement.answers if a.side is side and a.guardian_id == guardian_id]
    if not said or said[-1] is not value:
        return False
    return value is Answer.YES or placement.state is TABLE[_NO[side]].target or placement.family_disputed


def _demand_time(placement: Placement, side: Side) -> None:
    """Raise `Conflict` once the answer can no longer change."""
    if placement.state not in _OPEN and placement.state is not TABLE[_NO[side]].target:
        raise Conflict(_("Ce stage n’attend plus de réponse : il a été annulé ou décidé autrement."))
    if placement.slot.monday <= clock.today():
        raise Conflict(_("Le stage a commencé. Appelez le collège ou la coordination."))
    if seals.is_sealed(placement.id):
        raise Conflict(_("La convention est signée. Pour un changement, appelez la coordination."))


def settle_dispute(placement_id: int, keep: bool, reason: str, *, by: Actor) -> Placement:
    """End a dispute inside a family, after having talked with both: the stage is kept, or refused."""
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_MANAGE, placement)
        if not placement.family_disputed:
            return placement
        reason = demanded_reason(reason)
        placement.family_disputed = False
        audit.record("placement.settle", placement, by=by, reason=reason, kept=int(keep))
        if not keep:
            placement.family_answer = Answer.NO
            step(placement, "refuse", by=by, reason=reason)
            release_seat(placement, by=by, reason=reason)
            telling.tell_undone(placement)
        return placement
