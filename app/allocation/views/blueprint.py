"""The room's blueprint, and the words its pages share."""

from __future__ import annotations

from flask import Blueprint, g
from flask_babel import gettext as _

from app.allocation import rules, seal
from app.allocation.models import PlacementProposal
from app.allocation.states import ProposalState, RunState
from app.campaigns.models import Campaign
from app.kernel.errors import Hidden
from app.web.wording import number
from app.wishes import sentences

bp = Blueprint("allocation", __name__)
LEAST_AGREEMENT = 0.5  # under that, what the student wrote does not support the wish: said in words, not as a share


def current_campaign() -> Campaign:
    """The campaign of the moment, or `Hidden`."""
    campaign: Campaign | None = g.campaign
    if campaign is None:
        raise Hidden(_("Il n’y a pas encore de campagne sur ce territoire."))
    return campaign


@bp.app_template_filter("etat_proposition")
def _proposal_state(state: ProposalState) -> tuple[str, str]:
    return {
        ProposalState.PROPOSED: (_("À décider"), "waiting"),
        ProposalState.APPROVED: (_("Approuvée"), "done"),
        ProposalState.REFUSED: (_("Refusée"), "stopped"),
        ProposalState.MOVED: (_("Changée de place"), "neutral"),
    }[state]


@bp.app_template_filter("etat_calcul")
def _run_state(state: RunState) -> tuple[str, str]:
    return {
        RunState.QUEUED: (_("En attente"), "waiting"),
        RunState.RUNNING: (_("En cours"), "info"),
        RunState.DONE: (_("Terminé"), "done"),
        RunState.FAILED: (_("Arrêté"), "alert"),
    }[state]


@bp.app_template_filter("etape_calcul")
def _stage(stage: str) -> str:
    return {
        "affinity": _("Lecture de ce que les élèves ont écrit"),
        "candidates": _("Recherche des offres possibles"),
        "allocation": _("Répartition des places"),
        "check": _("Vérification"),
        "shortage": _("Recherche des places qui manquent"),
        "explanation": _("Rédaction des raisons"),
        "done": _("Terminé"),
    }.get(stage, _("En attente"))


@bp.app_template_filter("rang")
def _rank(rank: int | None) -> str:
    if rank is None:
        return _("Offre non demandée")
    return _("1er vœu") if rank == 1 else _("%(rank)se vœu", rank=rank)


@bp.app_template_filter("pour")
def _in_favour(proposal: PlacementProposal) -> list[str]:
    """Why this proposal, best reasons first."""
    return sentences.why(rules.reasons_of(proposal.reasons), sentences.Voice.ADULT, most=4)


@bp.app_template_filter("contre")
def _against(proposal: PlacementProposal) -> list[str]:
    return sentences.caution(rules.reasons_of(proposal.reasons), sentences.Voice.ADULT, most=3)


bp.app_template_filter("pourquoi_sans_place")(rules.why_left)
bp.app_template_filter("detail_sans_place")(rules.left_details)
bp.app_template_filter("places_tenues")(rules.held_by)
bp.app_template_filter("regle_perdue")(rules.lost_to)
bp.app_template_filter("sceau")(seal.verified)
bp.app_template_filter("faute")(seal.fault)


@bp.app_template_filter("accord")
def _agreement(proposal: PlacementProposal) -> str:
    """How well the place fits what the student said; see `_share`."""
    return _share(proposal.score, proposal.wish_rank)


@bp.app_template_filter("part_accord")
def _share(affinity: float | None, rank: int | None) -> str:
    """An agreement as a share; "" for a wish that the words do not support.

    A wish is a wish: a small share beside it would say that the student is wrong.
    """
    if affinity is None or (rank is not None and affinity < LEAST_AGREEMENT):
        return ""
    return _("%(n)s\u00a0%%", n=number(100 * affinity))
