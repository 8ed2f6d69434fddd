"""HTTP of signing from an account: the list of what awaits me, one code for many, one agreement at a time."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.agreements import codes, queries, signatures
from app.agreements.forms_signing import CardCodeForm, CodeForm, ConsentForm
from app.agreements.models import Agreement, Party
from app.agreements.queries import delegations
from app.agreements.services import asking, batching
from app.agreements.services import signing as verbs
from app.agreements.states import TAKES_NOTE, Channel, PartyRole, SignatureState
from app.agreements.views.blueprint import bp
from app.agreements.views.signing import circumstances
from app.agreements.views.signing_document import document_of, send_pdf
from app.kernel import clock
from app.kernel.errors import Conflict, Hidden, Invalid


@bp.get("/conventions/a-signer")
@requires(Permission.AGREEMENT_SIGN)
def to_sign() -> ResponseReturnValue:
    actor = current_actor()
    if actor.role not in {Role.HEAD, Role.TEACHER}:
        return redirect(url_for("agreements.index"))
    return _list_page(actor)


def _list_page(actor: Actor, problem: str = "") -> str:
    found = signatures.to_sign(actor)
    return render_template(
        "agreements/batch.html",
        to_sign=[party for party in found if party.role is PartyRole.HEAD],
        to_note=[party for party in found if party.role in TAKES_NOTE],
        delegations=delegations.holding_for(actor, clock.today()),
        ticked=set(request.form.getlist("seen")),
        problem=problem,
    )


def _seen() -> list[tuple[int, str]]:
    """What was ticked: "party:digest", as the page showed it."""
    found = []
    for value in request.form.getlist("seen"):
        number, _colon, digest = value.partition(":")
        if number.isdecimal() and len(number) < 10:
            found.append((int(number), digest))
    return found


@bp.post("/conventions/a-signer")
@requires(Permission.AGREEMENT_SIGN)
def ask_batch_code() -> ResponseReturnValue:
    actor = current_actor()
    try:
        if request.form.get("act") == "note":
            number = batching.take_notes(_seen(), circumstances(), by=actor)
            flash(
                ngettext(
                    "Vous avez pris connaissance d’une convention.",
                    "Vous avez pris connaissance de %(num)s conventions.",
                    number,
                ),
                "success",
            )
            return redirect(url_for("agreements.to_sign"), 303)
        row = batching.ask_code(_seen(), circumstances(), by=actor)
    except Invalid as error:
        return _list_page(actor, error.message), 422
    return redirect(url_for("agreements.batch_of_code", code_id=row.id), 303)


@bp.get("/conventions/a-signer/<int:code_id>")
@requires(Permission.AGREEMENT_SIGN)
def batch_of_code(code_id: int) -> ResponseReturnValue:
    return _batch_page(code_id, CodeForm(formdata=None))


def _batch_page(code_id: int, form: CodeForm) -> str:
    actor = current_actor()
    row, parties = signatures.batch(actor, code_id)
    found = batching.lines(row, parties)
    return render_template(
        "agreements/batch_code.html" if row.used_at is None else "agreements/batch_done.html",
        form=form,
        row=row,
        lines=found,
        done=[line for line in found if line.done],
        left_out=[line for line in found if line.why_not],
        running=row.used_at is not None and row.finished_at is None,
    )


@bp.post("/conventions/a-signer/<int:code_id>")
@requires(Permission.AGREEMENT_SIGN)
def confirm_batch(code_id: int) -> ResponseReturnValue:
    actor = current_actor()
    signatures.batch(actor, code_id)
    form = CodeForm()
    if form.validate():
        try:
            batching.confirm(code_id, form.code.data, circumstances(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("agreements.batch_of_code", code_id=code_id), 303)
    return _batch_page(code_id, form), 422


@bp.get("/conventions/a-signer/<int:code_id>/avancement")
@requires(Permission.AGREEMENT_SIGN)
def batch_progress(code_id: int) -> ResponseReturnValue:
    """The bar alone, asked for again and again while the worker signs."""
    row, parties = signatures.batch(current_actor(), code_id)
    found = batching.lines(row, parties)
    running = row.used_at is not None and row.finished_at is None
    answer = render_template(
        "agreements/_batch_progress.html",
        row=row,
        done=[line for line in found if line.done],
        lines=found,
        running=running,
    )
    return answer if running else (answer, 200, {"HX-Refresh": "true"})


def _mine(agreement_id: int) -> tuple[Actor, Agreement, Party]:
    """The agreement and the place where the actor signs in it, or `Hidden`."""
    actor = current_actor()
    agreement = _reachable(actor, agreement_id)
    party = signatures.own_party(actor, agreement)
    if party is None:
        raise Hidden(_("Vous ne signez pas cette convention."))
    return actor, agreement, party


def _reachable(actor: Actor, agreement_id: int, permission: Permission = Permission.AGREEMENT_SIGN) -> Agreement:
    """A delegate signs for classes which they do not teach: their list says what they reach."""
    for party in signatures.to_sign(actor) if actor.role in {Role.HEAD, Role.TEACHER} else ():
        if party.agreement_id == agreement_id:
            found = queries.by_id(agreement_id)
            assert found is not None
            return found
    return queries.visible_agreement(actor, agreement_id, permission)


@bp.get("/conventions/<int:agreement_id>/signer/convention.pdf")
@requires(Permission.AGREEMENT_VIEW)
def own_pdf(agreement_id: int) -> ResponseReturnValue:
    return send_pdf(_reachable(current_actor(), agreement_id, Permission.AGREEMENT_VIEW))


@bp.get("/conventions/<int:agreement_id>/signer")
@requires(Permission.AGREEMENT_SIGN)
def own_signing(agreement_id: int) -> ResponseReturnValue:
    actor, agreement, party = _mine(agreement_id)
    if party.state is SignatureState.SIGNED:
        return render_template("agreements/own_done.html", party=party, agreement=agreement, student=agreement.student)
    if agreement.content_digest is None:
        raise Conflict(_("Cette convention n’est pas encore prête à signer."))
    seen = agreement.content_digest
    if actor.role is Role.STUDENT:
        return _student_page(party, CardCodeForm(formdata=None, seen=seen))
    return _own_page(actor, party, ConsentForm(formdata=None, seen=seen))


def _own_page(actor: Actor, party: Party, form: ConsentForm) -> str:
    authority = signatures.authority(actor, party)
    ways = codes.channels(party)
    return render_template(
        "agreements/own_sign.html",
        party=party,
        agreement=party.agreement,
        student=party.agreement.student,
        document=document_of(party.agreement),
        form=form,
        takes_note=party.role in TAKES_NOTE,
        by_delegation=authority.sentence() if authority else "",
        destination=codes.destination(party, Channel.MAIL) if Channel.MAIL in ways else "",
    )


def _student_page(party: Party, form: CardCodeForm) -> str:
    return render_template(
        "agreements/student_sign.html",
        party=party,
        agreement=party.agreement,
        student=party.agreement.student,
        document=document_of(party.agreement),
        form=form,
    )


@bp.post("/conventions/<int:agreement_id>/signer")
@requires(Permission.AGREEMENT_SIGN)
def own_sign(agreement_id: int) -> ResponseReturnValue:
    """A student signs with the code of their card; a teacher takes note; anybody else is sent a code."""
    actor, _agreement, party = _mine(agreement_id)
    done = redirect(url_for("agreements.own_signing", agreement_id=agreement_id), 303)
    if party.state is SignatureState.SIGNED:
        return done
    if actor.role is Role.STUDENT:
        card = CardCodeForm()
        if not card.validate() or not card.accepted():
            return _student_page(party, card), 422
        try:
            verbs.sign_as_student(party, card.seen.data or "", card.code.data, circumstances(), by=actor)
        except Invalid as error:
            card.take(error)
            return _student_page(party, card), 422
        return done
    form = ConsentForm()
    if not form.accepted():
        return _own_page(actor, party, form), 422
    if party.role in TAKES_NOTE:
        verbs.take_note(party, form.seen.data or "", circumstances(), by=actor)
        return done
    if party.role is PartyRole.HEAD:
        row = batching.ask_code([(party.id, form.seen.data or "")], circumstances(), by=actor)
        return redirect(url_for("agreements.batch_of_code", code_id=row.id), 303)
    # A structure signs by its personal link, which proves the address named in the document.
    asking.renew(party)
    flash(_("Votre lien personnel de signature vient de partir par e-mail."), "success")
    return redirect(url_for("agreements.follow", agreement_id=agreement_id), 303)
