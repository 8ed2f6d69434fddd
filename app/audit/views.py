"""HTTP of the room `audit`: the journal, read by coordinators."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.audit import queries

bp = Blueprint("audit", __name__)


def _rooms() -> dict[str, str]:
    return {
        "proposal": _("Propositions"),
        "ruling": _("Consignes"),
        "run": _("Calculs"),
        "placement": _("Publications"),
        "campaign": _("Campagne"),
        "offer": _("Offres"),
        "host": _("Structures"),
        "school": _("Collèges"),
        "class": _("Classes"),
        "student": _("Élèves"),
        "wishes": _("Vœux"),
        "interests": _("Envies"),
        "account": _("Comptes"),
        "message": _("Courriers"),
    }


def _verbs() -> dict[str, str]:
    return {
        "proposal.approve": _("Proposition approuvée"),
        "proposal.refuse": _("Proposition refusée"),
        "proposal.withdraw": _("Approbation retirée"),
        "proposal.move": _("Place changée"),
        "proposal.propose_again": _("Proposition remise à décider"),
        "ruling.pin": _("Place gardée"),
        "ruling.forbid": _("Place écartée"),
        "ruling.lift": _("Consigne levée"),
        "run.start": _("Calcul lancé"),
        "run.finish": _("Calcul terminé"),
        "run.fail": _("Calcul arrêté"),
        "placement.publish": _("Affectations publiées"),
        "campaign.create": _("Campagne créée"),
        "campaign.change": _("Campagne modifiée"),
        "campaign.open_wishes": _("Vœux ouverts"),
        "campaign.close_wishes": _("Vœux clos"),
        "campaign.reopen_wishes": _("Vœux rouverts"),
        "campaign.publish": _("Phase de publication ouverte"),
        "campaign.start": _("Stages commencés"),
        "campaign.close": _("Campagne close"),
        "offer.write": _("Offre écrite"),
        "offer.rewrite": _("Offre modifiée"),
        "offer.reuse": _("Offre reprise"),
        "offer.submit": _("Offre envoyée"),
        "offer.publish": _("Offre publiée"),
        "offer.send_back": _("Correction demandée sur une offre"),
        "offer.suspend": _("Offre suspendue"),
        "offer.restore": _("Offre remise en ligne"),
        "offer.close": _("Offre fermée"),
        "host.register": _("Structure inscrite"),
        "host.describe": _("Fiche de structure modifiée"),
        "host.add_site": _("Lieu ajouté"),
        "host.change_site": _("Lieu modifié"),
        "host.verify": _("Structure vérifiée"),
        "host.refuse": _("Inscription refusée"),
        "host.suspend": _("Structure suspendue"),
        "host.restore": _("Suspension levée"),
        "school.create": _("Collège ajouté"),
        "school.update": _("Collège modifié"),
        "school.weeks": _("Semaines d’un collège choisies"),
        "school.staff_add": _("Personne invitée dans un collège"),
        "school.staff_remove": _("Personne retirée d’un collège"),
        "class.create": _("Classe créée"),
        "class.update": _("Classe modifiée"),
        "class.remove": _("Classe supprimée"),
        "class.add_students": _("Élèves inscrits"),
        "guardian.language": _("Langue choisie par une famille"),
        "student.update": _("Fiche d’élève modifiée"),
        "student.remove": _("Élève retiré"),
        "student.reissue_card": _("Carte d’accès refaite"),
        "wishes.submit": _("Vœux envoyés"),
        "interests.type_for": _("Envies saisies pour un élève"),
        "account.invite": _("Personne invitée"),
        "account.renew_invitation": _("Invitation renvoyée"),
        "account.change_password": _("Mot de passe changé"),
        "message.doubt": _("Courrier en doute"),
        "message.give_up": _("Courrier abandonné"),
        "message.resend": _("Courrier renvoyé"),
        "message.confirm": _("Courrier confirmé"),
    }


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@bp.get("/journal")
@requires(Permission.JOURNAL_VIEW)
def journal() -> ResponseReturnValue:
    actor = current_actor()
    rooms = _rooms()
    room = request.args.get("quoi", "")
    wanted = queries.Filter(
        room=room if room in rooms else "",
        user_id=request.args.get("qui", type=int),
        first=_day("du"),
        last=_day("au"),
    )
    pagination, lines = queries.page(actor, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "audit/journal.html",
        pagination=pagination,
        lines=lines,
        wanted=wanted,
        rooms=rooms,
        verbs=_verbs(),
        people=queries.people(actor),
        kept={name: request.args[name] for name in ("quoi", "qui", "du", "au") if request.args.get(name)},
    )
