"""The states of a matching run, of each of its proposals, and of the weights learnt from decisions."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


_R, _START = RunState, Permission.RUN_START

RUNS: StateTable[RunState] = StateTable(
    [
        Transition("claim", frozenset({_R.QUEUED}), _R.RUNNING, _START, _l("Démarrer le calcul")),
        Transition("requeue", frozenset({_R.RUNNING}), _R.QUEUED, _START, _l("Reprendre le calcul")),
        Transition("finish", frozenset({_R.RUNNING}), _R.DONE, _START, _l("Terminer le calcul")),
        Transition("fail", frozenset({_R.QUEUED, _R.RUNNING}), _R.FAILED, _START, _l("Abandonner le calcul")),
    ],
    refusal="Ce calcul n’est plus dans l’état qui permettait cela.",
)


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    MOVED = "moved"


_S, _DECIDE = ProposalState, Permission.PROPOSAL_DECIDE

PROPOSALS: StateTable[ProposalState] = StateTable(
    [
        Transition("approve", frozenset({_S.PROPOSED}), _S.APPROVED, _DECIDE, _l("Approuver")),
        Transition(
            "refuse",
            frozenset({_S.PROPOSED, _S.APPROVED}),
            _S.REFUSED,
            _DECIDE,
            _l("Refuser"),
            needs_reason=True,
        ),
        Transition(
            "withdraw",
            frozenset({_S.APPROVED}),
            _S.PROPOSED,
            _DECIDE,
            _l("Revenir sur l’approbation"),
            needs_reason=True,
        ),
        Transition(
            "move",
            frozenset({_S.PROPOSED, _S.APPROVED}),
            _S.MOVED,
            _DECIDE,
            _l("Changer de place"),
            needs_reason=True,
        ),
        Transition(
            "propose_again",
            frozenset({_S.REFUSED, _S.MOVED}),
            _S.PROPOSED,
            _DECIDE,
            _l("Proposer à nouveau"),
            needs_reason=True,
        ),
    ],
    refusal="Cette proposition a déjà été décidée. Rechargez la page pour voir par qui et quand.",
)


class WeightsState(StrEnum):
    STUDYING = "studying"
    PROPOSED = "proposed"
    HELD = "held"
    IN_USE = "in_use"
    RETIRED = "retired"
    FAILED = "failed"


_W, _TUNE = WeightsState, Permission.MATCHER_TUNE

WEIGHTS: StateTable[WeightsState] = StateTable(
    [
        Transition("propose", frozenset({_W.STUDYING}), _W.PROPOSED, _TUNE, _l("Proposer ces réglages")),
        Transition("hold", frozenset({_W.STUDYING}), _W.HELD, _TUNE, _l("Garder les réglages actuels")),
        Transition("fail", frozenset({_W.STUDYING}), _W.FAILED, _TUNE, _l("Abandonner l’étude")),
        Transition("release", frozenset({_W.PROPOSED, _W.RETIRED}), _W.IN_USE, _TUNE, _l("Mettre en service")),
        Transition("retire", frozenset({_W.IN_USE}), _W.RETIRED, _TUNE, _l("Retirer du service")),
    ],
    refusal="Ces réglages ne sont plus dans l’état qui permettait cela. Rechargez la page.",
)
