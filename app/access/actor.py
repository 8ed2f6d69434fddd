"""Who is acting, and where an object stands: the two sides of every permission."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from flask_babel import gettext as _

from app.access.policy import Permission, Relation, Role, relation_of
from app.kernel.errors import Forbidden, Hidden


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an object stands. `published` means: public to its territory."""

    territory_id: int | None
    school_id: int | None = None
    class_id: int | None = None
    organization_id: int | None = None
    site_id: int | None = None
    student_id: int | None = None
    published: bool = False


class Scoped(Protocol):
    @property
    def scope(self) -> Scope: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person (or a guardian holding a personal link), with everything a permission may depend on."""

    role: Role
    display_name: str
    user_id: int | None = None
    territory_id: int | None = None
    school_ids: frozenset[int] = field(default_factory=frozenset)
    class_ids: frozenset[int] = field(default_factory=frozenset)
    organization_ids: frozenset[int] = field(default_factory=frozenset)  # answered for as a whole
    tutored_ids: frozenset[int] = field(default_factory=frozenset)  # the structures of `site_ids`
    site_ids: frozenset[int] = field(default_factory=frozenset)  # the places where one is a tutor
    student_id: int | None = None

    @property
    def member_ids(self) -> frozenset[int]:
        """The structures to which the actor belongs, in any role."""
        return self.organization_ids | self.tutored_ids

    def may(self, permission: Permission) -> bool:
        """Whether the role holds the permission over anything at all."""
        return relation_of(self.role, permission) is not None

    def can(self, permission: Permission, target: Scoped) -> bool:
        """Whether the permission reaches this object."""
        relation, scope = relation_of(self.role, permission), target.scope
        if relation is None:
            return False
        if relation is Relation.ANYWHERE:
            return True
        if self.territory_id is None or scope.territory_id != self.territory_id:
            return False
        match relation:
            case Relation.TERRITORY:
                return True
            case Relation.PUBLISHED:
                return scope.published
            case Relation.SELF:
                return self.student_id is not None and scope.student_id == self.student_id
            case Relation.CLASS:
                return scope.class_id in self.class_ids
            case Relation.SCHOOL:
                return scope.school_id in self.school_ids
            case Relation.ORGANIZATION:
                return scope.organization_id in self.organization_ids
            case Relation.SITE:
                return scope.organization_id in self.organization_ids or scope.site_id in self.site_ids
            case Relation.MEMBER:
                return scope.organization_id in self.member_ids

    def demand(self, permission: Permission, target: Scoped | None = None) -> None:
        """Raise `Forbidden` unless the actor may do this (to `target`, when one is given)."""
        if not (self.may(permission) if target is None else self.can(permission, target)):
            raise Forbidden(_("Vous n’avez pas le droit de faire cela."))

    def reveal(self, permission: Permission, target: Scoped | None) -> None:
        """Raise `Hidden` when there is no such object for this actor."""
        if target is None or not self.can(permission, target):
            raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
