"""The blueprint, the words of a structure, and the page which several verbs lead back to."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.access.actor import Actor
from app.access.endpoints import optional_actor
from app.access.policy import Permission
from app.audit.words import VERBS
from app.hosts import queries
from app.hosts.forms import ReasonForm
from app.hosts.models import HostOrganization
from app.hosts.rules import EXAMPLES, FAMILIES, KINDS, LEGAL_FORMS
from app.hosts.states import LABELS, TABLE, HostState

bp = Blueprint("hosts", __name__)
TEAM_VERBS = {verb.partition(".")[2]: label for verb, label in VERBS.items() if verb.startswith("host.team_")}


@bp.app_template_filter("titre_chez")
def _told_apart(title: str, organization: HostOrganization) -> str:
    """The title of an offer, with its structure for somebody of several teams."""
    actor = optional_actor()
    return title if actor is None or len(actor.member_ids) < 2 else f"{title}, {organization.name}"


@bp.app_template_filter("genre")
def _kind(organization: HostOrganization) -> str:
    return str(KINDS[organization.kind])


@bp.app_template_filter("famille")
def _family(organization: HostOrganization) -> str:
    return str(FAMILIES[organization.family])


@bp.app_template_filter("phrase_ess")
def _ess_sentence(organization: HostOrganization) -> str:
    """What makes the structure part of the ESS: its own words, else those of its family. Never empty."""
    return organization.ess_sentence or str(EXAMPLES[organization.family])


@bp.app_template_filter("etat_structure")
def _state(state: HostState) -> tuple[str, str]:
    return LABELS[state]


def page_of(actor: Actor, organization: HostOrganization, form: ReasonForm | None = None) -> str:
    return render_template(
        "hosts/show.html",
        organization=organization,
        legal_form=LEGAL_FORMS.get(organization.legal_form, (organization.legal_form,))[0],
        actions=[t for t in TABLE.open_from(organization.state) if actor.can(Permission(t.permission), organization)],
        labels={t.action: t.label for t in TABLE} | TEAM_VERBS,
        form=form or ReasonForm(formdata=None),
        journal=queries.journal(actor, "HostOrganization", organization.id),
        others=_others(actor, organization),
        reviewing=actor.may(Permission.HOST_REVIEW),
        may_edit=actor.can(Permission.HOST_EDIT, organization),
    )


def _others(actor: Actor, organization: HostOrganization) -> list[tuple[int, str]]:
    if len(actor.member_ids) < 2:
        return []
    return [(number, name) for number, name in queries.choices(actor) if number != organization.id]
