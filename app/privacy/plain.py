"""What we know of somebody, in words: no code of ours, no key of a file, dates as people say them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.feedback import rules as feedback
from app.feedback.rules import Recommend
from app.feedback.words import thing
from app.kernel import clock
from app.kernel.geography import TravelMode
from app.kernel.holdings import Line
from app.occupations import reference
from app.web.languages import LANGUAGES
from app.wishes.rules import TRAVEL

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")

# What a state, an answer or a way is called; only where a line holds one of ours, never in what somebody wrote.
STATES: dict[str, str] = {
    "answered": _l("répondue"),
    "approved": _l("acceptée"),
    "asked": _l("attend une réponse"),
    "awaited": _l("attendue"),
    "awaiting": _l("en attente de réponse"),
    "cancelled": _l("annulé"),
    "completed": _l("terminé"),
    "confirmed": _l("confirmé"),
    "declined": _l("refus"),
    "done": _l("faite"),
    "draft": _l("à compléter"),
    "heard": _l("entendue"),
    "interrupted": _l("interrompu"),
    "moved": _l("déplacée"),
    "no": _l("non"),
    "none": _l("pas encore"),
    "open": _l("ouverte"),
    "proposed": _l("proposée"),
    "refused": _l("refusée"),
    "rejected": _l("écarté"),
    "seen": _l("vue"),
    "signed": _l("signée"),
    "to_verify": _l("à vérifier"),
    "under_way": _l("en cours"),
    "void": _l("annulée"),
    "withdrawn": _l("retirée"),
    "yes": _l("oui"),
}
WAYS: dict[str, str] = {
    "account": _l("depuis son compte"),
    "code": _l("avec un code"),
    "link": _l("par un lien"),
    "mail": _l("par un message à son adresse"),
    "paper": _l("sur papier"),
    "phone": _l("par téléphone"),
    "session": _l("depuis son compte"),
    "sms": _l("par un message à son téléphone"),
}
# What the keys of a convention, an attestation or a proof are called.
KEYS: dict[str, str] = {
    "activities": _l("activités"),
    "address": _l("adresse"),
    "assessment": _l("évaluation"),
    "birth_date": _l("date de naissance"),
    "board_approval_on": _l("accord du conseil d’administration"),
    "class": _l("classe"),
    "commune": _l("commune"),
    "days": _l("jours"),
    "email": _l("adresse e-mail"),
    "first_day": _l("premier jour"),
    "first_name": _l("prénom"),
    "format": _l("version du document"),
    "guardians": _l("responsables légaux"),
    "head_name": _l("direction"),
    "headquarters": _l("siège"),
    "host": _l("structure"),
    "hosts": _l("structures"),
    "insurance": _l("assurance"),
    "insurance_policy": _l("numéro de contrat"),
    "insurer": _l("assureur"),
    "issued_on": _l("délivrée le"),
    "issuer": _l("délivrée par"),
    "last_day": _l("dernier jour"),
    "last_name": _l("nom"),
    "level": _l("niveau"),
    "lunch": _l("repas"),
    "minutes": _l("durée, en minutes"),
    "name": _l("nom"),
    "objectives": _l("objectifs"),
    "organization": _l("organisation"),
    "pedagogy": _l("pédagogie"),
    "phone": _l("téléphone"),
    "place": _l("lieu"),
    "planned": _l("jours prévus"),
    "policy": _l("numéro de contrat"),
    "postcode": _l("code postal"),
    "reference": _l("référence"),
    "representative_email": _l("adresse e-mail de qui signe"),
    "representative_name": _l("qui signe"),
    "representative_role": _l("fonction de qui signe"),
    "schedule": _l("horaires"),
    "school": _l("collège"),
    "school_year": _l("année scolaire"),
    "siren": _l("SIREN"),
    "siret": _l("SIRET"),
    "site": _l("lieu d’accueil"),
    "skills": _l("ce qui a été observé"),
    "status": _l("statut"),
    "student": _l("élève"),
    "supervision": _l("accompagnement"),
    "teacher": _l("professeur"),
    "template": _l("modèle"),
    "title": _l("intitulé"),
    "transport": _l("trajet"),
    "tutor": _l("tuteur"),
    "tutor_email": _l("adresse e-mail du tuteur"),
    "tutor_name": _l("nom du tuteur"),
    "tutor_phone": _l("téléphone du tuteur"),
    "tutor_role": _l("fonction du tuteur"),
    "uai": _l("numéro du collège (UAI)"),
    "way": _l("moyen"),
    "what": _l("quoi"),
}


def _interest(code: Any) -> str:
    known = reference.interests().get(str(code))
    return known.label if known is not None else str(code)


def _language(code: Any) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else str(code)


# Columns that hold codes of ours: « table.column » → what one of them is called.
_CODES: dict[str, Callable[[Any], object]] = {
    "interest_profile.interests": _interest,
    "interest_profile.likes": lambda code: reference.conditions()[code].like,
    "interest_profile.avoids": lambda code: reference.conditions()[code].avoid,
    "interest_profile.travel_mode": lambda mode: TRAVEL[TravelMode(mode)],
    "legal_guardian.language": _language,
    "family_code.language": _language,
    "outbox_message.language": _language,
    "student_feedback.discovered": thing,
    "student_feedback.recommend": lambda answer: feedback.RECOMMEND[Recommend(answer)],
    "talk_request.state": lambda state: STATES.get(state, state),
}
_UNSAID = frozenset({"interest_profile.commune_id"})  # a number of ours, whose name is on the next line


def said(line: Line) -> str:
    """The value of a line as a person reads it; empty when there is nothing to read."""
    where = f"{line.table}.{line.column}" if line.table else ""
    if where in _UNSAID or line.value in (None, "", [], {}):
        return ""
    if where in _CODES:
        values = line.value if isinstance(line.value, list) else [line.value]
        return ", ".join(str(_CODES[where](each)) for each in values)
    if not where and isinstance(line.value, str) and line.value in STATES:
        return str(STATES[line.value])
    return "\n".join(_sentences(line.value))


def _sentences(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """One line a fact: « élève, prénom : Lina »; a list of plain values on one."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _sentences(each, (*path, _key(key)))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for each in value:
            yield from _sentences(each, path)
    else:
        text = ", ".join(map(_plain, value)) if isinstance(value, list) else _plain(value, path)
        if text:
            yield _("%(what)s : %(value)s", what=", ".join(path), value=text) if path else text


def _key(key: str) -> str:
    return day(key) if _DAY.fullmatch(key) else str(KEYS.get(key, key))


def _plain(value: Any, path: tuple[str, ...] = ()) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    text = str(value)
    if path and path[-1] == str(KEYS["way"]):
        return str(WAYS.get(text, text))
    return day(text)


def day(text: str) -> str:
    """« 2012-12-22 » is « 22 décembre 2012 », a moment has its hour in Paris; any other text stays."""
    try:
        if _DAY.fullmatch(text):
            return format_date(date.fromisoformat(text), "d MMMM y")
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text).astimezone(clock.PARIS)
            return _("%(day)s à %(hour)s", day=format_date(moment.date(), "d MMMM y"), hour=f"{moment:%H h %M}")
    except ValueError:
        pass
    return text


def day_in(text: object) -> str:
    """A title with its dates as people say them: « Courrier du 29 janvier 2027 »."""
    return _DAY.sub(lambda found: day(found[0]), str(text))
