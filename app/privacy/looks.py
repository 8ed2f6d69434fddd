"""The hook which writes every look of staff at a student's file, after the page is made.

A page is a file when `looks_rules.FILES` says so; behind a personal link, where nobody is signed in, the view says it
itself by `web.looked.at`.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, g, request

from app.access.actor import Actor
from app.kernel.database import writing
from app.privacy.looks_rules import FILES, STAFF, WHOLE_CLASSES, Page
from app.privacy.queries import looks
from app.privacy.services import looking
from app.web import looked

_SEEN = frozenset({200, 206, 304})  # whole, in part, or again what the browser has kept


def install(app: Flask) -> None:
    app.after_request(_note)


def _note(response: Response) -> Response:
    if request.method in {"GET", "POST"} and response.status_code in _SEEN:
        _note_account()
        _note_link()
    return response


def _note_account() -> None:
    endpoint, actor = request.endpoint or "", g.get("actor")
    if endpoint not in FILES or actor is None or actor.role not in STAFF:
        return
    students = looks.students_behind(request.view_args or {}, whole_class=endpoint in WHOLE_CLASSES)
    _write(students, FILES[endpoint], f"user:{actor.user_id}", actor)


def _note_link() -> None:
    for look in looked.noted():
        if look.by.role in STAFF and g.get("actor") is None:
            organization = min(look.by.organization_ids, default=0)
            _write(
                [(student_id, look.territory_id) for student_id in look.student_ids],
                Page(look.page),
                f"{look.by.role}:{organization}",
                look.by,
            )


def _write(students: Sequence[tuple[int, int]], page: Page, viewer: str, by: Actor) -> None:
    new = looking.unknown(students, page, viewer)
    if new:
        with writing():
            looking.note(new, page, viewer, by=by)
