"""The policy table as SQL: what `Actor.can` says of one object, `visible` says of a query; a property compares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.access.actor import Actor
from app.access.policy import Permission, Relation, relation_of


@dataclass(frozen=True, slots=True)
class ScopeColumns:
    """The columns which hold, for a query, what `Scope` holds for an object. An absent one can never match."""

    territory: Any
    school: Any = None
    school_class: Any = None
    organization: Any = None
    site: Any = None
    student: Any = None
    published: ColumnElement[bool] | None = None


def visible(actor: Actor, permission: Permission, columns: ScopeColumns) -> ColumnElement[bool]:
    """The WHERE clause of the rows which `actor` reaches with `permission`."""
    relation = relation_of(actor.role, permission)
    if relation is None:
        return false()
    if relation is Relation.ANYWHERE:
        return true()
    if actor.territory_id is None:
        return false()
    own: ColumnElement[bool] = columns.territory == actor.territory_id
    match relation:
        case Relation.TERRITORY:
            return own
        case Relation.PUBLISHED:
            return and_(own, columns.published) if columns.published is not None else false()
        case Relation.SELF:
            return _within(own, columns.student, {actor.student_id} - {None})
        case Relation.CLASS:
            return _within(own, columns.school_class, actor.class_ids)
        case Relation.SCHOOL:
            return _within(own, columns.school, actor.school_ids)
        case Relation.ORGANIZATION:
            return _within(own, columns.organization, actor.organization_ids)
        case Relation.SITE:
            whole = _within(own, columns.organization, actor.organization_ids)
            return or_(whole, _within(own, columns.site, actor.site_ids)) if actor.site_ids else whole
        case Relation.MEMBER:
            return _within(own, columns.organization, actor.member_ids)


def _within(own: ColumnElement[bool], column: Any, ids: Any) -> ColumnElement[bool]:
    if column is None or not ids:
        return false()
    return and_(own, column.in_(sorted(ids)))
