"""The page of a family, by the link of its slip; and the slips, for the staff who print them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.campaigns.rules import is_over
from app.kernel import clock
from app.kernel.errors import Conflict, Hidden
from app.schools import links, presenting, queries, services
from app.schools.models import FamilyCode
from app.schools.queries import paper
from app.schools.views.blueprint import bp
from app.schools.views.cards import as_pdf
from app.web import languages


def _behind(token: str) -> tuple[FamilyCode, Actor]:
    """The code of this link and who holds it; `Hidden`, with what to do, when it opens nothing."""
    number = links.read(token)
    code = paper.family_code(number) if number else None
    if code is None or not links.still_opens(token, code):
        languages.listen()
        raise Hidden(_("Ce lien n’est plus bon. Demandez un nouveau feuillet au collège."))
    student, guardian = code.student, code.guardian
    spoken = guardian.language if guardian else code.language
    languages.listen(spoken, action=url_for("schools.choose_family_language", token=token))
    if is_over(student.school_class.campaign, clock.today()):
        raise Hidden(_("La campagne de stages est terminée : cette page est fermée."))
    name = guardian.name if guardian else _("Famille de %(name)s", name=student.first_name)
    return code, Actor(Role.GUARDIAN, name, territory_id=student.territory_id, student_id=student.id)


@bp.get("/parents/<token>")
@public("a guardian's personal link, printed on the slip: signed, opens one student's page and nothing else")
def family(token: str) -> ResponseReturnValue:
    code, actor = _behind(token)
    school_class = code.student.school_class
    return render_template(
        "schools/family.html",
        token=token,
        code=code,
        holder=actor,
        student=code.student,
        school_class=school_class,
        territory=school_class.campaign.territory,
    )


@bp.post("/parents/<token>/langue")
@public("a guardian's personal link: chooses the language of its own page and mails")
def choose_family_language(token: str) -> ResponseReturnValue:
    code, actor = _behind(token)
    services.choose_family_language(code, request.form.get("language", ""), by=actor)
    return redirect(url_for("schools.family", token=token), 303)


@bp.get("/classes/<int:class_id>/feuillets")
@requires(Permission.CLASS_MANAGE)
def class_slips(class_id: int) -> ResponseReturnValue:
    school_class = queries.visible_class(current_actor(), class_id)
    students = paper.of_classes([class_id])
    return render_template("schools/slips.html", school_class=school_class, student=None, students=students)


@bp.post("/classes/<int:class_id>/feuillets.pdf")
@requires(Permission.CLASS_MANAGE)
def class_slips_pdf(class_id: int) -> ResponseReturnValue:
    """The slips of a class, without the cards: of every guardian, or of the second ones only."""
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    made = services.slips(paper.of_classes([class_id]), by=actor)
    first = 1 if request.form.get("only") == "second" else 0
    chosen = [slip for of_one in made.values() for slip in of_one[first:]]
    if not chosen:
        raise Conflict(_("Aucun second responsable n’est inscrit dans cette classe : il n’y a rien à imprimer."))
    title = _("Feuillets des familles, classe %(name)s", name=school_class.name)
    return as_pdf(title, presenting.slips(title, chosen, moment=clock.now()))


@bp.get("/eleves/<int:student_id>/feuillets")
@requires(Permission.STUDENT_MANAGE)
def student_slips(student_id: int) -> ResponseReturnValue:
    student = queries.visible_student(current_actor(), student_id)
    return render_template("schools/slips.html", school_class=student.school_class, student=student, students=[student])


@bp.post("/eleves/<int:student_id>/feuillets.pdf")
@requires(Permission.STUDENT_MANAGE)
def student_slips_pdf(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = queries.visible_student(actor, student_id)
    made = services.slips([student], by=actor)[student.id]
    title = _("Feuillets de la famille de %(name)s", name=student.first_name)
    return as_pdf(title, presenting.slips(title, made, moment=clock.now()))


@bp.post("/eleves/<int:student_id>/feuillets/nouveaux-codes")
@requires(Permission.STUDENT_MANAGE)
def renew_student_slips(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = queries.visible_student(actor, student_id)
    services.renew_slips(student, by=actor)
    flash(_("Les anciens feuillets ne marchent plus. Imprimez les nouveaux."), "success")
    return redirect(url_for("schools.student_slips", student_id=student.id), 303)
