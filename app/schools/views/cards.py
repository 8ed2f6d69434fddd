"""Access cards: asked for, shown once, printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import segno
from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import secure_filename

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel import clock
from app.kernel.errors import Conflict
from app.messaging.rendering import page_url
from app.schools import presenting, queries, services
from app.schools.models import School, SchoolClass, Student
from app.schools.queries import paper
from app.schools.rules import grouped
from app.schools.services import Card
from app.schools.views.blueprint import bp, current_campaign


@bp.route("/classes/<int:class_id>/cartes", methods=["GET", "POST"])
@requires(Permission.CLASS_MANAGE)
def reissue_class(class_id: int) -> ResponseReturnValue:
    """New cards for a whole class, or for those who never signed in; asked for twice because old cards stop working."""
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    students = paper.of_classes([class_id])
    unused = [s for s in students if s.user.last_seen_at is None]
    if request.method == "GET" or not students:
        return render_template(
            "schools/cards_confirm.html",
            school_class=school_class,
            student=None,
            students=students,
            unused=unused,
            seen=services.cards_known(students),
        )
    chosen = unused if request.form.get("only") == "unused" else students
    cards = services.reissue_cards(chosen, by=actor, seen=request.form.get("seen", ""), among=students)
    return shown_once(school_class, cards, [])


@bp.route("/eleves/<int:student_id>/carte", methods=["GET", "POST"])
@requires(Permission.STUDENT_MANAGE)
def reissue_student(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = queries.visible_student(actor, student_id)
    if request.method == "GET":
        return render_template(
            "schools/cards_confirm.html",
            school_class=student.school_class,
            student=student,
            students=[student],
            seen=services.cards_known([student]),
        )
    cards = services.reissue_cards([student], by=actor, seen=request.form.get("seen", ""))
    return shown_once(student.school_class, cards, [])


def shown_once(school_class: SchoolClass, cards: Sequence[Card], notes: Sequence[str]) -> str:
    """The page of cards just made: it alone knows their codes, and sends them back to have them printed."""
    url = page_url("accounts.sign_in", classe=school_class.code)
    return render_template(
        "schools/cards.html",
        school_class=school_class,
        cards=cards,
        notes=notes,
        sheets=presenting.sheets(len(cards)),
        in_hand=_written(cards),
        qr=segno.make(url, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"),
        address=page_url("accounts.sign_in").split("://", 1)[1],
        grouped=grouped,
        back_url=url_for("wishes.school_class", class_id=school_class.id),
    )


@bp.post("/classes/<int:class_id>/cartes.pdf")
@requires(Permission.CLASS_MANAGE)
def class_cards_pdf(class_id: int) -> ResponseReturnValue:
    """The cards whose codes the page sends back, as PDF. Changes no code; makes the families' codes that lack."""
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    name = _("Cartes de la classe %(name)s", name=school_class.name)
    return _cards_pdf(actor, name, paper.of_classes([class_id]))


@bp.route("/colleges/<int:school_id>/cartes", methods=["GET", "POST"])
@requires(Permission.CLASS_MANAGE)
def reissue_school(school_id: int) -> ResponseReturnValue:
    """The cards of several classes at once: by default, of the students who never had one."""
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    students = _of_school(actor, school)
    seen = services.cards_known(students)
    classes = _by_class(students)
    ticked = {int(value) for value in request.form.getlist("class_id") if value.isascii() and value.isdigit()}
    chosen = [s for s in students if s.class_id in ticked]
    if request.form.get("only") != "all":
        chosen = [s for s in chosen if s.user.code_digest is None]
    if request.method == "GET" or not chosen:
        page = render_template(
            "schools/cards_school.html",
            school=school,
            classes=classes,
            seen=seen,
            cards=None,
            nobody=request.method == "POST",
        )
        return page, 422 if request.method == "POST" else 200
    cards = services.reissue_cards(chosen, by=actor, seen=request.form.get("seen", ""), among=students)
    return render_template(
        "schools/cards_school.html",
        school=school,
        classes=classes,
        cards=cards,
        sheets=presenting.sheets(len(cards)),
        in_hand=_written(cards),
        files=_by_file(classes, cards),
    )


def _by_file(classes: Iterable[SchoolClass], cards: Sequence[Card]) -> list[tuple[SchoolClass, int, str]]:
    """Class, number of cards and what its own PDF is asked with: a whole school takes seconds to draw, a class none."""
    made = ((one, [card for card in cards if card.class_code == one.code]) for one in classes)
    return [(one, len(its), _written(its)) for one, its in made if its]


@bp.post("/colleges/<int:school_id>/cartes.pdf")
@requires(Permission.CLASS_MANAGE)
def school_cards_pdf(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    return _cards_pdf(actor, _("Cartes d’accès, %(name)s", name=school.name), _of_school(actor, school))


def _of_school(actor: Actor, school: School) -> list[Student]:
    """The students of the classes that this person looks after, in the campaign of the moment."""
    classes = queries.classes_in(school.id, current_campaign().id)
    return paper.of_classes([c.id for c in classes if actor.can(Permission.CLASS_MANAGE, c)])


def _by_class(students: Sequence[Student]) -> dict[SchoolClass, list[Student]]:
    classes: dict[SchoolClass, list[Student]] = {}
    for student in students:
        classes.setdefault(student.school_class, []).append(student)
    return classes


def _written(cards: Sequence[Card]) -> str:
    return " ".join(f"{card.student_id}:{card.personal_code}" for card in cards)


def _cards_pdf(actor: Actor, title: str, students: Sequence[Student]) -> Response:
    codes: dict[int, str] = {}
    for pair in request.form.get("cards", "").split():
        number, _colon, code = pair.partition(":")
        if number.isascii() and number.isdigit():
            codes[int(number[:12])] = code
    cards = services.cards_in_hand(students, codes, by=actor)
    if not cards:
        raise Conflict(_("Ces cartes ont été refaites depuis : leurs codes ne marchent plus. Imprimez les dernières."))
    chosen, names = {card.student_id for card in cards}, presenting.names_shown(students)
    slips = services.slips([student for student in students if student.id in chosen], by=actor)
    return as_pdf(title, presenting.cards(title, cards, names, slips, moment=clock.now()))


def as_pdf(name: str, data: bytes) -> Response:
    """A file to keep or print, never cached."""
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{secure_filename(name.lower())}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
