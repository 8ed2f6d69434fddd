"""A student's diary and report: written, taken out, erased. Nobody else's actor passes `writings`."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.agreements import pdf, versions
from app.feedback import prompts, rules, services
from app.feedback.forms import page_form, report_form, report_of
from app.feedback.queries import days, writings
from app.feedback.views.blueprint import bp, chosen
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.placements.models import Placement
from app.web.forms import Form
from app.web.wording import day as in_words


@bp.get("/mon-carnet")
@requires(Permission.DIARY_KEEP)
def diary() -> ResponseReturnValue:
    actor = current_actor()
    stage = chosen(writings.stages(actor))
    pages = writings.pages(actor)
    if stage is None:
        return render_template("feedback/diary.html", stage=None, pages=pages)
    number = request.args.get("jour", type=int)
    dates = list(days.planned(stage))
    if number is None or not 0 <= number <= len(dates):
        return render_template(
            "feedback/diary.html",
            stage=stage,
            pages=pages,
            written={page.number for page in pages if page.placement_id == stage.id and any(page.written())},
            dates=dates,
            today=clock.today(),
            forgotten_on=rules.year_forgotten_on(stage.campaign.school_year),
        )
    answers = next((p.answers for p in pages if p.placement_id == stage.id and p.number == number), {})
    return _day(stage, number, page_form(prompts.of_day(number, len(dates)), answers))


@bp.post("/mon-carnet")
@requires(Permission.DIARY_KEEP)
def write() -> ResponseReturnValue:
    actor, stage = _own_stage()
    number = request.form.get("jour", type=int)
    last = len(days.planned(stage))
    if number is None or not 0 <= number <= last:
        raise Hidden(_("Ce jour n’est pas dans ton stage."))
    questions = prompts.of_day(number, last)
    form = page_form(questions, {})
    if not form.validate_on_submit():
        return _day(stage, number, form), 422
    try:
        services.write_page(stage, number, {key: form[key].data or "" for key in questions}, by=actor)
    except Invalid as error:
        form.take(error)
        return _day(stage, number, form), 422
    flash(_("C’est gardé, pour toi seul."), "success")
    return redirect(url_for("feedback.diary", stage=stage.id), 303)


@bp.get("/mon-carnet/effacer")
@requires(Permission.DIARY_KEEP)
def confirm_erase() -> ResponseReturnValue:
    return render_template("feedback/erase.html", pages=writings.pages(current_actor()))


@bp.post("/mon-carnet/effacer")
@requires(Permission.DIARY_KEEP)
def erase() -> ResponseReturnValue:
    services.erase(by=current_actor())
    flash(_("Ton carnet et ton rapport sont effacés."), "success")
    return redirect(url_for("feedback.diary"), 303)


@bp.get("/mon-carnet.json")
@requires(Permission.DIARY_KEEP)
def diary_json() -> ResponseReturnValue:
    return _attached(
        json.dumps(_diary_content(current_actor()), ensure_ascii=False, indent=2).encode(), "application/json", "json"
    )


@bp.get("/mon-carnet.html")
@requires(Permission.DIARY_KEEP)
def diary_html() -> ResponseReturnValue:
    page = render_template("feedback/diary_export.html", **_diary_content(current_actor()))
    return _attached(page.encode(), "text/html; charset=utf-8", "html")


@bp.get("/mon-carnet.pdf")
@requires(Permission.DIARY_KEEP)
def diary_pdf() -> ResponseReturnValue:
    made = _render("diary", _diary_content(current_actor()))
    return _attached(made, "application/pdf", "pdf")


@bp.get("/mon-rapport")
@requires(Permission.DIARY_KEEP)
def report() -> ResponseReturnValue:
    actor = current_actor()
    stage = chosen(writings.stages(actor))
    if stage is None:
        return render_template("feedback/report.html", stage=None)
    passages = _passages(actor, stage)
    return _report_page(stage, report_form(writings.report(actor, stage.id), _choices(passages)), passages)


@bp.post("/mon-rapport")
@requires(Permission.DIARY_KEEP)
def write_report() -> ResponseReturnValue:
    actor, stage = _own_stage()
    passages = _passages(actor, stage)
    form = report_form({}, _choices(passages))
    if not form.validate_on_submit():
        return _report_page(stage, form, passages), 422
    try:
        services.write_report(stage, report_of(form, {key: text for key, (_q, text) in passages.items()}), by=actor)
    except Invalid as error:
        form.take(error)
        return _report_page(stage, form, passages), 422
    flash(_("Ton rapport est gardé."), "success")
    return redirect(url_for("feedback.report", stage=stage.id), 303)


@bp.get("/mon-rapport.pdf")
@requires(Permission.DIARY_KEEP)
def report_pdf() -> ResponseReturnValue:
    actor, stage = _own_stage()
    written = writings.report(actor, stage.id)
    if not written:
        raise Hidden(_("Ton rapport est encore vide : écris-en une partie d’abord."))
    content = {
        **_about(stage),
        "sections": [
            {"title": str(label), "hint": str(hint), "text": written.get(key, "")}
            for key, (label, hint) in prompts.SECTIONS.items()
        ],
    }
    return _attached(_render("report", content), "application/pdf", "pdf", name="mon-rapport-de-stage")


def _own_stage() -> tuple[Actor, Placement]:
    actor = current_actor()
    stage = chosen(writings.stages(actor))
    if stage is None:
        raise Hidden(_("Ton carnet s’ouvre quand ton stage est confirmé."))
    return actor, stage


def _day(stage: Placement, number: int, form: Form) -> str:
    dates = list(days.planned(stage))
    return render_template(
        "feedback/diary_day.html",
        stage=stage,
        number=number,
        dates=dates,
        form=form,
        keys=list(prompts.of_day(number, len(dates))),
        is_to_come=number > 0 and dates[number - 1] > clock.today(),
        max_answer=prompts.MAX_ANSWER,
    )


def _report_page(stage: Placement, form: Form, passages: dict[str, tuple[str, str]]) -> str:
    return render_template(
        "feedback/report.html",
        stage=stage,
        form=form,
        sections=list(prompts.SECTIONS),
        passages=passages,
        is_written=any(form[key].data for key in prompts.SECTIONS),
        max_section=prompts.MAX_SECTION,
    )


def _passages(actor: Actor, stage: Placement) -> dict[str, tuple[str, str]]:
    """What the diary of this stage holds: « 2:seen » → (day and question, words)."""
    dates = list(days.planned(stage))
    return {
        f"{page.number}:{key}": (f"{_day_name(page.number, dates)}, {question}", text)
        for page in writings.pages(actor)
        if page.placement_id == stage.id
        for key, question, text in page.written()
    }


def _choices(passages: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(key, f"{title} : {text[:80]}{'…' if len(text) > 80 else ''}") for key, (title, text) in passages.items()]


def _day_name(number: int, dates: list[Any]) -> str:
    if number == prompts.EVE:
        return _("Avant le stage")
    return in_words(dates[number - 1]) if number <= len(dates) else _("jour %(n)s", n=number)


def _diary_content(actor: Actor) -> dict[str, Any]:
    """The whole diary, one stage after the other. Raises `Hidden` when nothing is written."""
    pages = [page for page in writings.pages(actor) if any(page.written())]
    if not pages:
        raise Hidden(_("Ton carnet est encore vide."))
    found = {stage.id: stage for stage in writings.stages(actor)}
    content: list[dict[str, Any]] = []
    for placement_id in dict.fromkeys(page.placement_id for page in pages):
        stage = found.get(placement_id)
        dates = list(days.planned(stage)) if stage else []
        content.append(
            {
                **(_about(stage) if stage else {"title": _("Un autre stage"), "host": ""}),
                "pages": [
                    {
                        "day": _day_name(page.number, dates),
                        "answers": [{"question": question, "text": text} for _key, question, text in page.written()],
                    }
                    for page in pages
                    if page.placement_id == placement_id
                ],
            }
        )
    return {"student": actor.display_name, "made_on": clock.today().isoformat(), "stages": content}


def _about(stage: Placement) -> dict[str, Any]:
    student, offer, dates = stage.student, stage.slot.offer, list(days.planned(stage))
    return {
        "student": student.full_name,
        "class": student.school_class.name,
        "school": student.school_class.school.name,
        "title": offer.title,
        "host": offer.organization.name,
        "commune": offer.site.town,
        "dates": _("du %(first)s au %(last)s", first=in_words(dates[0]), last=in_words(dates[-1])),
        "year": f"{dates[0].year}",
    }


def _render(kind: str, content: dict[str, Any]) -> bytes:
    return pdf.render(kind, versions.current(kind, clock.today()).name, content, moment=clock.now())


def _attached(data: bytes, media_type: str, ending: str, name: str = "mon-carnet") -> Response:
    answer = make_response(data)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
