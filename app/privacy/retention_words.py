"""How the page of what is forgotten names tables and delays."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.privacy.retention_rules import After, Rule

TABLES: dict[str, str] = {
    "absence": _l("absences"),
    "accident": _l("accidents"),
    "agreement": _l("conventions"),
    "agreement_batch": _l("préparations en lot"),
    "agreement_host": _l("étapes de convention"),
    "agreement_party": _l("signataires"),
    "answer_code": _l("codes de lettre"),
    "approval": _l("places approuvées"),
    "certificate": _l("attestations"),
    "class_teacher": _l("classes suivies"),
    "diary_page": _l("pages de carnet"),
    "family_code": _l("codes de famille"),
    "feedback_request": _l("demandes d’avis"),
    "fit_feedback": _l("appréciations"),
    "follow_up": _l("notes de suivi"),
    "host_invitation": _l("invitations"),
    "host_member": _l("membres de structure"),
    "host_organization": _l("représentants de structure"),
    "interest_profile": _l("envies"),
    "journal_entry": _l("lignes de journal"),
    "legal_guardian": _l("responsables légaux"),
    "one_time_link": _l("liens de connexion"),
    "outbox_message": _l("courriers"),
    "placement": _l("raisons de stage"),
    "placement_answer": _l("raisons de réponse"),
    "placement_offer": _l("tuteurs d’offre"),
    "placement_proposal": _l("propositions"),
    "placement_reminder": _l("rappels"),
    "privacy_request": _l("demandes sur ses données"),
    "retention_hold": _l("dossiers gardés"),
    "ruling": _l("épingles et interdits"),
    "run_record": _l("relevés de calcul"),
    "school_staff": _l("équipes de collège"),
    "signing_code": _l("codes de signature"),
    "signing_evidence": _l("preuves de signature"),
    "signing_link": _l("liens de signature"),
    "stage_report": _l("rapports de stage"),
    "stored_document": _l("fichiers"),
    "student": _l("élèves"),
    "student_feedback": _l("avis d’élèves"),
    "student_look": _l("consultations"),
    "talk_request": _l("demandes à parler"),
    "throttle": _l("essais manqués"),
    "tutor_feedback": _l("avis de tuteurs"),
    "unplaced_student": _l("élèves sans proposition"),
    "user": _l("comptes"),
    "wish": _l("vœux"),
    "wish_list": _l("listes de vœux"),
}


def delay(rule: Rule) -> str:
    """« 3 mois après la fin de l’année scolaire »."""
    if rule.days:
        length = _("%(n)s jours", n=rule.days) if rule.days > 1 else _("un jour")
    elif rule.months % 12 == 0 and rule.months:
        length = _("%(n)s ans", n=rule.months // 12) if rule.months > 12 else _("un an")
    elif rule.months:
        length = _("%(n)s mois", n=rule.months)
    else:
        return _("À la fin de l’année scolaire")
    if rule.after is After.SCHOOL_YEAR or rule.id == "unsigned_agreements":
        return _("%(length)s après la fin de l’année scolaire", length=length)
    return {
        "students": _("%(length)s après le dernier passage", length=length),
        "adults": _("%(length)s après le dernier passage", length=length),
        "archive_end": _("%(length)s après la signature", length=length),
        "representatives": _("%(length)s après la dernière offre", length=length),
    }.get(rule.id, _("au bout de %(length)s", length=length))
