"""Reading delegations: who signs for a head, and who could."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import User
from app.agreements.models import SigningDelegation
from app.kernel.database import db
from app.schools import queries as school_queries
from app.schools.models import School, SchoolStaff


def holding_for(actor: Actor, today: date) -> list[SigningDelegation]:
    """The delegations which let the actor sign today."""
    statement = (
        select(SigningDelegation)
        .where(
            SigningDelegation.delegate_user_id == actor.user_id,
            SigningDelegation.school_id.in_(sorted(actor.school_ids)),
            SigningDelegation.first_day <= today,
            SigningDelegation.last_day >= today,
            SigningDelegation.ended_at.is_(None),
        )
        .options(joinedload(SigningDelegation.head))
        .order_by(SigningDelegation.id)
    )
    return list(db.session.scalars(statement))


def staff(school_id: int) -> list[SchoolStaff]:
    statement = select(SchoolStaff).where(SchoolStaff.school_id == school_id).options(joinedload(SchoolStaff.user))
    return list(db.session.scalars(statement.order_by(SchoolStaff.id)))


def visible_to(actor: Actor) -> list[SigningDelegation]:
    """Every delegation of the schools which the actor heads, those that hold first."""
    columns = ScopeColumns(territory=School.territory_id, school=School.id)
    statement = (
        select(SigningDelegation)
        .join(SigningDelegation.school)
        .where(visible(actor, Permission.AGREEMENT_DELEGATE, columns))
        .options(
            contains_eager(SigningDelegation.school),
            joinedload(SigningDelegation.head),
            joinedload(SigningDelegation.delegate),
        )
        .order_by(SigningDelegation.ended_at.is_not(None), SigningDelegation.last_day.desc(), SigningDelegation.id)
    )
    return list(db.session.scalars(statement))


def visible_delegation(actor: Actor, delegation_id: int) -> SigningDelegation:
    """The delegation, or `Hidden`."""
    found = db.session.get(SigningDelegation, delegation_id)
    actor.reveal(Permission.AGREEMENT_DELEGATE, found)
    assert found is not None
    return found


def same(school_id: int, head_id: int | None, delegate_id: int, first: date, last: date) -> SigningDelegation | None:
    return db.session.scalar(
        select(SigningDelegation).where(
            SigningDelegation.school_id == school_id,
            SigningDelegation.head_user_id == head_id,
            SigningDelegation.delegate_user_id == delegate_id,
            SigningDelegation.first_day == first,
            SigningDelegation.last_day == last,
            SigningDelegation.ended_at.is_(None),
        )
    )


def actor_of(user_id: int) -> Actor:
    """A member of school staff as they stand now, for a worker who finishes what they confirmed."""
    user = db.session.get(User, user_id)
    assert user is not None
    school_ids, class_ids = school_queries.staff_reach(user.id, user.role)
    return Actor(
        role=user.role,
        display_name=user.display_name,
        user_id=user.id,
        territory_id=user.territory_id,
        school_ids=school_ids,
        class_ids=class_ids,
    )
