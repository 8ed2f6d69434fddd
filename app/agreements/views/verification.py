"""The public page which tells whether a printed agreement is the one that was signed. No name, no address."""

from __future__ import annotations

import hashlib

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.endpoints import public
from app.agreements import queries, reading, rules
from app.agreements.forms import CheckForm, ReferenceForm
from app.agreements.services import refusing
from app.agreements.states import LABELS
from app.agreements.views.blueprint import bp

_OPEN = "anybody holding a printed agreement may check it; the page shows initials, school, dates and digest"


@bp.get("/verification")
@public(_OPEN)
def verify() -> ResponseReturnValue:
    typed = rules.read_reference(request.args.get("reference", ""))
    if typed:
        return redirect(url_for("agreements.verification", reference=typed), 303)
    return render_template("agreements/verify.html", form=ReferenceForm())


@bp.get("/verification/<reference>")
@public(_OPEN)
def verification(reference: str) -> ResponseReturnValue:
    return _verdict(reference)


@bp.post("/verification/<reference>")
@public(_OPEN)
def verify_file(reference: str) -> ResponseReturnValue:
    """Compare a file with those kept under this reference. The file itself is not kept."""
    sent = request.files.get("document")
    data = sent.read() if sent else b""
    return _verdict(reference, hashlib.sha256(data).hexdigest() if data else "")


def _verdict(reference: str, sent_digest: str | None = None) -> ResponseReturnValue:
    """References are few signs: an address that tries one after the other is slowed down."""
    address = request.remote_addr or "unknown"
    refusing.demand_patience(address)
    known = rules.read_reference(reference)
    agreement = queries.by_reference(known) if known else None
    if agreement is None:
        refusing.count_unknown(address)
        return render_template("agreements/verification_unknown.html", reference=known, form=ReferenceForm()), 404
    return render_template(
        "agreements/verification.html",
        reference=rules.spoken_reference(agreement.reference),
        seen=reading.public_face(agreement),
        label=LABELS[agreement.state],
        same=None if sent_digest is None else reading.same_file(agreement, sent_digest),
        form=CheckForm(),
        action=url_for("agreements.verify_file", reference=agreement.reference),
    )
