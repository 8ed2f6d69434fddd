"""The phases of a campaign, and what each allows."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class Phase(StrEnum):
    COLLECTING = "collecting"
    WISHES = "wishes"
    DECISIONS = "decisions"
    PUBLISHED = "published"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


_MANAGE = Permission.CAMPAIGN_MANAGE

TABLE: StateTable[Phase] = StateTable(
    [
        Transition("open_wishes", frozenset({Phase.COLLECTING}), Phase.WISHES, _MANAGE, _l("Ouvrir les vœux")),
        Transition(
            "close_wishes",
            frozenset({Phase.WISHES}),
            Phase.DECISIONS,
            _MANAGE,
            _l("Clore les vœux et passer aux décisions"),
        ),
        Transition(
            "reopen_wishes",
            frozenset({Phase.DECISIONS}),
            Phase.WISHES,
            _MANAGE,
            _l("Rouvrir les vœux"),
            needs_reason=True,
        ),
        Transition(
            "publish",
            frozenset({Phase.DECISIONS}),
            Phase.PUBLISHED,
            Permission.PLACEMENT_PUBLISH,
            _l("Publier les affectations"),
        ),
        Transition("start", frozenset({Phase.PUBLISHED}), Phase.UNDER_WAY, _MANAGE, _l("Les stages commencent")),
        Transition("close", frozenset({Phase.UNDER_WAY}), Phase.CLOSED, _MANAGE, _l("Clore la campagne")),
    ],
    refusal="La campagne n’est pas dans une phase qui permet cela. Rechargez la page pour voir où elle en est.",
)

OFFERS_EDITABLE = frozenset({Phase.COLLECTING, Phase.WISHES, Phase.DECISIONS, Phase.PUBLISHED})
OFFERS_VISIBLE_TO_STUDENTS = frozenset({Phase.WISHES, Phase.DECISIONS, Phase.PUBLISHED, Phase.UNDER_WAY})
INTERESTS_EDITABLE = frozenset({Phase.COLLECTING, Phase.WISHES})
RUNS_ALLOWED = frozenset({Phase.WISHES, Phase.DECISIONS, Phase.PUBLISHED})
DECISIONS_ALLOWED = frozenset({Phase.DECISIONS, Phase.PUBLISHED})
