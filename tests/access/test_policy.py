"""The policy table against itself: what one object says (`Actor.can`) is what a query says (`visible`)."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.engine import Engine

from app.access.actor import Actor, Scope
from app.access.policy import POLICY, Permission, Relation, Role
from app.access.visibility import ScopeColumns, visible

_NAMES = ("territory_id", "school_id", "class_id", "organization_id", "site_id", "student_id")
_THINGS = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *[Column(name, Integer) for name in _NAMES],
    Column("published", Boolean),
)
_COLUMNS = ScopeColumns(
    territory=_THINGS.c.territory_id,
    school=_THINGS.c.school_id,
    school_class=_THINGS.c.class_id,
    organization=_THINGS.c.organization_id,
    site=_THINGS.c.site_id,
    student=_THINGS.c.student_id,
    published=_THINGS.c.published.is_(True),
)


class Thing:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope


_ids = st.one_of(st.none(), st.integers(1, 3))
_sets = st.frozensets(st.integers(1, 3), max_size=2)
_actors = st.builds(
    Actor,
    role=st.sampled_from(Role),
    display_name=st.just("x"),
    territory_id=_ids,
    school_ids=_sets,
    class_ids=_sets,
    organization_ids=_sets,
    tutored_ids=_sets,
    site_ids=_sets,
    student_id=_ids,
)
_scopes = st.builds(
    Scope,
    territory_id=_ids,
    school_id=_ids,
    class_id=_ids,
    organization_id=_ids,
    site_id=_ids,
    student_id=_ids,
    published=st.booleans(),
)


@pytest.fixture(scope="module")
def things() -> Engine:
    engine = create_engine("sqlite://")
    _THINGS.metadata.create_all(engine)
    return engine


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=_actors, scopes=st.lists(_scopes, min_size=1, max_size=8), permission=st.sampled_from(Permission))
def test_objects_and_queries_agree(things: Engine, actor: Actor, scopes: list[Scope], permission: Permission) -> None:
    rows = [
        {"id": i, **{name: getattr(scope, name) for name in _NAMES}, "published": scope.published}
        for i, scope in enumerate(scopes)
    ]
    with things.connect() as connection:
        connection.execute(insert(_THINGS), rows)
        found = set(connection.scalars(select(_THINGS.c.id).where(visible(actor, permission, _COLUMNS))))
        connection.rollback()
    assert found == {i for i, scope in enumerate(scopes) if actor.can(permission, Thing(scope))}


@given(actor=_actors, scope=_scopes, permission=st.sampled_from(Permission))
def test_no_permission_crosses_a_territory(actor: Actor, scope: Scope, permission: Permission) -> None:
    if actor.can(permission, Thing(scope)) and POLICY[permission][actor.role] is not Relation.ANYWHERE:
        assert actor.territory_id is not None
        assert actor.territory_id == scope.territory_id


def test_every_permission_is_held_by_somebody() -> None:
    assert set(POLICY) == set(Permission)
    assert all(POLICY.values())


def test_only_the_administrator_reaches_everywhere() -> None:
    everywhere = {
        role
        for (permission, table), role in itertools.product(POLICY.items(), Role)
        if table.get(role) is Relation.ANYWHERE and permission is not Permission.OWN_ACCOUNT
    }
    assert everywhere == {Role.ADMIN}


def test_an_observer_sees_figures_and_nobody() -> None:
    held = {permission for permission, table in POLICY.items() if Role.OBSERVER in table}
    assert held == {Permission.CAMPAIGN_VIEW, Permission.FIGURES_VIEW, Permission.OWN_ACCOUNT}


def test_a_host_reaches_no_student_file(app: Flask) -> None:
    for permission in (Permission.STUDENT_VIEW, Permission.WISH_VIEW, Permission.CLASS_VIEW, Permission.RUN_VIEW):
        assert Role.HOST not in POLICY[permission]
