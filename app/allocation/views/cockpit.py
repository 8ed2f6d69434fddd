"""The coordinator's first page: where the campaign stands and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.allocation import queries
from app.allocation.models import MatchingRun
from app.allocation.queries import Overview
from app.allocation.views.blueprint import bp
from app.campaigns.models import Campaign
from app.campaigns.rules import phase_deadline, phase_sentence
from app.campaigns.states import TABLE, Phase
from app.kernel.states import Transition
from app.messaging.states import DeliveryState


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do now, with the page where it is done."""

    title: str
    text: str
    url: str
    picto: str


@bp.get("/tableau-de-bord")
@requires(Permission.RUN_VIEW)
def cockpit() -> ResponseReturnValue:
    actor = current_actor()
    campaign: Campaign | None = g.campaign
    if campaign is None:
        return render_template("allocation/cockpit.html", overview=None)
    run = queries.latest_done(campaign.id)
    overview = queries.overview(actor, campaign, run)
    return render_template(
        "allocation/cockpit.html",
        overview=overview,
        run=run,
        sentence=phase_sentence(actor.role, campaign.phase),
        deadline=phase_deadline(campaign),
        next_step=_next(campaign),
        tasks=_tasks(campaign, overview, run),
        reached=list(Phase).index(campaign.phase),
    )


def _next(campaign: Campaign) -> Transition[Phase] | None:
    """The phase that follows, as a button; going back is on the campaign's page."""
    return next((t for t in TABLE.open_from(campaign.phase) if not t.needs_reason), None)


def _tasks(campaign: Campaign, o: Overview, run: MatchingRun | None) -> list[Task]:
    tasks = []
    if o.hosts_to_verify:
        title = ngettext("%(num)s structure à vérifier", "%(num)s structures à vérifier", o.hosts_to_verify)
        text = _("Rien n’est visible avant votre accord.")
        tasks.append(Task(title, text, url_for("hosts.index", etat="registered"), "structure"))
    if o.offers_to_read:
        title = ngettext("%(num)s offre à relire", "%(num)s offres à relire", o.offers_to_read)
        text = _("Les élèves ne voient que ce qui est publié.")
        tasks.append(Task(title, text, url_for("offers.index", etat="submitted"), "offres"))
    if o.schools_without_weeks:
        title = ngettext("%(num)s collège sans semaines", "%(num)s collèges sans semaines", o.schools_without_weeks)
        text = _("Sans semaines de stage, leurs élèves ne peuvent aller nulle part.")
        tasks.append(Task(title, text, url_for("schools.index"), "calendrier"))
    if o.silent_classes and campaign.phase is Phase.WISHES:
        title = ngettext("%(num)s classe sans aucun vœu", "%(num)s classes sans aucun vœu", o.silent_classes)
        text = _("Un mot au professeur principal suffit souvent.")
        tasks.append(Task(title, text, url_for("schools.index"), "classe"))
    if campaign.phase in {Phase.DECISIONS, Phase.PUBLISHED}:
        tasks += _decisions(o, run)
    if o.mails_in_trouble:
        title = ngettext("%(num)s courrier à regarder", "%(num)s courriers à regarder", o.mails_in_trouble)
        text = _("Leur arrivée n’est pas sûre.")
        state = DeliveryState.UNCERTAIN.value
        tasks.append(Task(title, text, url_for("messaging.index", etat=state), "enveloppe"))
    return tasks


def _decisions(o: Overview, run: MatchingRun | None) -> list[Task]:
    if run is None:
        text = _("Il propose une place à chaque élève, avec ses raisons. Vous décidez ensuite.")
        return [Task(_("Lancer un calcul"), text, url_for("allocation.index"), "affectation")]
    tasks = []
    if o.to_decide:
        title = ngettext("%(num)s proposition à décider", "%(num)s propositions à décider", o.to_decide)
        text = _("Approuvez, refusez ou déplacez. Les premiers vœux s’approuvent d’un coup.")
        tasks.append(Task(title, text, url_for("allocation.proposals", run_id=run.id, etat="proposed"), "affectation"))
    if o.left_out:
        title = ngettext("%(num)s élève sans place", "%(num)s élèves sans place", o.left_out)
        text = _("Voyez pourquoi, et placez à la main ce qui peut l’être.")
        tasks.append(Task(title, text, url_for("allocation.left_out", run_id=run.id), "personne"))
    if o.to_publish:
        title = ngettext("%(num)s affectation à publier", "%(num)s affectations à publier", o.to_publish)
        text = _("Élèves, familles, professeurs et structures seront prévenus.")
        url = url_for("placements.confirm_publication", campaign_id=run.campaign_id)
        tasks.append(Task(title, text, url, "enveloppe"))
    return tasks
