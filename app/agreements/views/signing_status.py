"""HTTP of following the signatures: who has signed, who has not; remind, correct an address, bring a paper, proofs."""

from __future__ import annotations

from contextlib import closing

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.agreements import evidence, queries, signatures, wording
from app.agreements.forms_signing import AddressForm, PaperForm, ReasonForm
from app.agreements.links import Standing
from app.agreements.models import Agreement, Party
from app.agreements.queries import awaited, chain
from app.agreements.services import asking, papering, signing
from app.agreements.services.papering import Uploader
from app.agreements.states import PartyRole
from app.agreements.uploads import MAX_TOTAL_BYTES
from app.agreements.views.blueprint import bp
from app.agreements.views.signing import act, circumstances, page
from app.agreements.wording import role_of
from app.kernel.errors import Forbidden, Invalid

_OWNER = "a personal link: brings the paper that its owner signed"
_UPLOADS = {"agreements.bring_paper", "agreements.signing_bring_paper"}


@bp.url_value_preprocessor
def _let_photographs_in(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anything reads the form: photographs are heavier than what other pages accept."""
    if endpoint in _UPLOADS:
        request.max_content_length = MAX_TOTAL_BYTES + 1024 * 1024


@bp.get("/conventions/<int:agreement_id>/signatures")
@requires(Permission.AGREEMENT_VIEW)
def follow(agreement_id: int) -> ResponseReturnValue:
    return _status_page(queries.visible_agreement(current_actor(), agreement_id))


def _status_page(agreement: Agreement, undoing: ReasonForm | None = None) -> str:
    actor = current_actor()
    own = signatures.own_party(actor, agreement)
    return render_template(
        "agreements/signatures.html",
        agreement=agreement,
        student=agreement.student,
        complete=evidence.complete(agreement),
        may_follow=actor.can(Permission.AGREEMENT_PREPARE, agreement),
        may_bring=bool(papering.may_bring(Uploader(actor.display_name, actor), agreement)),
        way_to={party.id: asking.way_to(party) for party in agreement.parties},
        own=own,
        guardians=sum(party.role is PartyRole.GUARDIAN for party in agreement.parties),
        undoing=undoing or ReasonForm(formdata=None),
    )


@bp.get("/conventions/sans-signature")
@requires(Permission.AGREEMENT_PREPARE)
def unsigned() -> ResponseReturnValue:
    return render_template("agreements/unsigned.html", agreements=awaited.unsigned(current_actor()))


def _back(agreement_id: int) -> ResponseReturnValue:
    return redirect(url_for("agreements.follow", agreement_id=agreement_id), 303)


@bp.post("/conventions/<int:agreement_id>/signatures/<int:party_id>/relancer")
@requires(Permission.AGREEMENT_PREPARE)
def remind(agreement_id: int, party_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    asking.remind(signatures.party_of(agreement, party_id), by=actor)
    flash(_("Le rappel part dans la minute."), "success")
    return _back(agreement_id)


@bp.post("/conventions/<int:agreement_id>/deux-parents")
@requires(Permission.AGREEMENT_PREPARE)
def require_both(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    signing.require_both(agreement, request.form.get("both") == "1", by=actor)
    flash(_("C’est noté."), "success")
    return _back(agreement_id)


@bp.get("/conventions/<int:agreement_id>/signatures/<int:party_id>/adresse")
@requires(Permission.AGREEMENT_PREPARE)
def address(agreement_id: int, party_id: int) -> ResponseReturnValue:
    agreement = queries.visible_agreement(current_actor(), agreement_id, Permission.AGREEMENT_PREPARE)
    party = signatures.party_of(agreement, party_id)
    form = AddressForm(formdata=None, email=party.email, phone=party.phone)
    return render_template("agreements/address.html", agreement=agreement, party=party, form=form)


@bp.post("/conventions/<int:agreement_id>/signatures/<int:party_id>/adresse")
@requires(Permission.AGREEMENT_PREPARE)
def correct_address(agreement_id: int, party_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    party, form = signatures.party_of(agreement, party_id), AddressForm()
    if form.validate():
        try:
            asking.correct_address(party, form.email.data or "", form.phone.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(
                _("L’adresse est corrigée. Un nouveau lien part dans la minute, l’ancien n’ouvre plus rien."), "success"
            )
            return _back(agreement_id)
    return render_template("agreements/address.html", agreement=agreement, party=party, form=form), 422


@bp.get("/conventions/<int:agreement_id>/papier")
@requires(Permission.AGREEMENT_VIEW)
def paper(agreement_id: int) -> ResponseReturnValue:
    agreement = queries.visible_agreement(current_actor(), agreement_id)
    return _paper_page(agreement, PaperForm(formdata=None))


def _paper_page(agreement: Agreement, form: PaperForm) -> str:
    actor = current_actor()
    uploader = Uploader(actor.display_name, actor)
    return render_template(
        "agreements/paper.html",
        agreement=agreement,
        student=agreement.student,
        form=_with_parties(form, uploader, agreement),
        back_url=url_for("agreements.follow", agreement_id=agreement.id),
    )


def _with_parties(form: PaperForm, uploader: Uploader, agreement: Agreement) -> PaperForm:
    form.parties.choices = [
        (party.id, f"{party.name} ({role_of(party)})") for party in papering.may_bring(uploader, agreement)
    ]
    return form


@bp.post("/conventions/<int:agreement_id>/papier")
@requires(Permission.AGREEMENT_VIEW)
def bring_paper(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id)
    uploader, form = Uploader(actor.display_name, actor), PaperForm()
    if not papering.may_bring(uploader, agreement):
        raise Forbidden(_("Il n’y a plus de signature à déposer pour vous ici."))
    if _brought(form, agreement, uploader):
        return _back(agreement_id)
    return _paper_page(agreement, form), 422


def _taken(file: FileStorage) -> bytes:
    """What was sent; the temporary file behind it is given back at once."""
    with closing(file):
        data: bytes = file.read()
        return data


def _brought(form: PaperForm, agreement: Agreement, uploader: Uploader) -> bool:
    if not form.validate():
        return False
    files = [_taken(file) for file in form.files.data or [] if file]
    try:
        papering.record(agreement, form.parties.data or [], files, form.mark.data, circumstances(), by=uploader)
    except Invalid as error:
        form.take(error)
        return False
    flash(_("Le papier signé est enregistré."), "success")
    return True


@bp.get("/signer/<reference>/<token>/papier")
@public(_OWNER)
def signing_paper(reference: str, token: str) -> ResponseReturnValue:
    door = act(reference, token)
    if door.standing is not Standing.READY:
        return redirect(url_for("agreements.signing", reference=reference, token=token), 303)
    return _own_paper_page(door.party, token, PaperForm(formdata=None))


def _own_paper_page(party: Party, token: str, form: PaperForm) -> str:
    return page(
        party,
        "agreements/sign_paper.html",
        token=token,
        form=_with_parties(form, Uploader(party.name, party=party), party.agreement),
    )


@bp.post("/signer/<reference>/<token>/papier")
@public(_OWNER)
def signing_bring_paper(reference: str, token: str) -> ResponseReturnValue:
    door, form = act(reference, token), PaperForm()
    agreement = door.party.agreement
    if _brought(form, agreement, Uploader(door.party.name, party=door.party)):
        return redirect(url_for("agreements.signing", reference=reference, token=token), 303)
    return _own_paper_page(door.party, token, form), 422


@bp.post("/conventions/<int:agreement_id>/signatures/<int:party_id>/retirer-papier")
@requires(Permission.AGREEMENT_PREPARE)
def undo_paper(agreement_id: int, party_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    party, form = signatures.party_of(agreement, party_id), ReasonForm()
    if not form.validate():
        return _status_page(agreement, form), 422
    papering.undo(party, form.reason.data, by=actor)
    flash(_("La signature sur papier est retirée ; elle est demandée à nouveau."), "success")
    return _back(agreement_id)


@bp.get("/conventions/<int:agreement_id>/preuves")
@requires(Permission.AGREEMENT_PREPARE)
def proofs(agreement_id: int) -> ResponseReturnValue:
    agreement = queries.visible_agreement(current_actor(), agreement_id, Permission.AGREEMENT_PREPARE)
    return render_template(
        "agreements/proofs.html",
        agreement=agreement,
        student=agreement.student,
        rows=chain.rows(agreement.id),
        faults=evidence.verify(agreement),
        events=wording.events(),
        names={party.id: party.name for party in agreement.parties},
    )
