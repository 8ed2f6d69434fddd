"""Why not that place, and where places are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.allocation import queries, sentences, services
from app.allocation.models import MatchingRun
from app.allocation.views.blueprint import bp
from app.kernel.errors import Conflict
from app.occupations import reference
from app.schools import queries as school_queries
from app.schools.models import Student

_MOST_WORDS = 120
_MOST_CALLS = 8
_MOST_CELLS = 8


@bp.get("/affectations/<int:run_id>/pourquoi-pas/<int:student_id>")
@requires(Permission.RUN_VIEW)
def why_not(run_id: int, student_id: int) -> ResponseReturnValue:
    """Choose any place by words, or among the student's wishes, and read why the run did not give it."""
    actor = current_actor()
    found = queries.visible_run(actor, run_id)
    student = queries.visible_student(actor, found, student_id)
    words = request.args.get("q", "").replace("\x00", "").strip()[:_MOST_WORDS]
    slot_id = request.args.get("place", 0, type=int)
    inquiry, told, refusal = None, None, ""
    if 0 < slot_id < 2**31:
        try:
            inquiry = services.why_not(found, student_id, slot_id, by=actor)
            told = sentences.why_not(inquiry.answer, _setting(found, student, inquiry))
        except Conflict as error:
            refusal = error.message
    slots, total = queries.places_found(found.campaign_id, words)
    return render_template(
        "allocation/why_not.html",
        run=found,
        student=student,
        words=words,
        slots=slots,
        total=total,
        wishes=queries.wished_places(found.campaign_id, student_id),
        inquiry=inquiry,
        told=told,
        refusal=refusal,
        proposal=queries.proposal_of(found.id, student_id),
    )


def _setting(run: MatchingRun, student: Student, inquiry: services.Inquiry) -> sentences.Setting:
    school_class = student.school_class
    weeks = school_queries.weeks([school_class.school_id], run.campaign_id)
    return sentences.Setting(
        monday=inquiry.slot.monday,
        weeks=weeks.get(school_class.school_id, []),
        school=school_class.school.name,
        level=school_class.level,
        levels=inquiry.slot.offer.level_list,
        seed=run.seed,
    )


bp.app_template_filter("par_quelle_regle")(sentences.holder)


@dataclass(frozen=True, slots=True)
class Missing:
    """A sector, a commune and a week where places are missing, with the structures to call."""

    sector: str
    commune: str
    monday: date
    waiting: int
    one_more: int
    places: int
    most: int
    calls: list[queries.Call]
    more_calls: int


@bp.get("/affectations/<int:run_id>/places-manquantes")
@requires(Permission.RUN_VIEW)
def shortage(run_id: int) -> ResponseReturnValue:
    """Where one more place would place one more student, verified by the run, and whom to call."""
    found = queries.visible_run(current_actor(), run_id)
    return render_template(
        "allocation/shortage.html",
        run=found,
        cells=_missing(found),
        is_known="shortage" in found.report,
        left=found.figure("left"),
    )


def _missing(run: MatchingRun) -> list[Missing]:
    """The cells of the run that would help, most useful first."""
    rows = [row for row in run.report.get("shortage", []) if row["most"] > 0 and row["commune"]][:_MOST_CELLS]
    keys = [(row["sector"], int(row["commune"]), date.fromisoformat(row["week"])) for row in rows]
    calls = queries.calls(run.campaign, keys) if keys else {}
    communes = queries.commune_names(run.territory_id) if keys else {}
    sectors = reference.sectors()
    return [
        Missing(
            sector=sectors[sector].label if sector in sectors else _("Autre secteur"),
            commune=communes.get(commune, ""),
            monday=monday,
            waiting=row["waiting"],
            one_more=row["one_more"],
            places=row["places"],
            most=row["most"],
            calls=calls[sector, commune, monday][:_MOST_CALLS],
            more_calls=max(len(calls[sector, commune, monday]) - _MOST_CALLS, 0),
        )
        for row, (sector, commune, monday) in zip(rows, keys, strict=True)
    ]
