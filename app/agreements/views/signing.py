"""HTTP of a personal link: read, agree, receive a code, sign; or say no, or that one is somebody else."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import public
from app.access.policy import Role
from app.agreements import codes, links, wording
from app.agreements.evidence import Circumstances, agent_family
from app.agreements.forms_signing import CodeForm, ConsentForm, LostLinkForm, ReasonForm
from app.agreements.links import Door, Refusal, Standing
from app.agreements.models import Party
from app.agreements.queries import signers
from app.agreements.services import asking, objecting, refusing
from app.agreements.services import signing as verbs
from app.agreements.states import TAKES_NOTE, Channel, PartyRole
from app.agreements.views.blueprint import bp
from app.agreements.views.signing_document import paper_of, send_pdf
from app.kernel.errors import Conflict, Invalid
from app.web import languages, looked

bp.add_app_template_filter(wording.role_of, "role_de_signataire")
bp.add_app_template_filter(wording.state_of, "etat_de_signature")

_OWNER = "a personal link: opens one agreement to one of the people who sign it"


class NoDoor(Exception):
    """The address opens nothing; the page says how to get a good one."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


@bp.errorhandler(NoDoor)
def no_door(error: NoDoor) -> ResponseReturnValue:
    languages.listen()
    return render_template("agreements/sign_lost.html", form=LostLinkForm(), reference=error.reference), 404


def circumstances() -> Circumstances:
    """Where this request comes from."""
    return Circumstances(request.remote_addr or "", agent_family(request.user_agent.string))


def enter(reference: str, token: str) -> Door:
    """The door of a genuine link; anything else is refused and journalled."""
    found = links.find(reference, token)
    if isinstance(found, Refusal):
        refusing.refuse(reference, token, found, address=request.remote_addr or "unknown")
        raise NoDoor(reference)
    if found.party.guardian:
        choice = url_for("agreements.signing_language", reference=reference, token=token)
        languages.listen(found.party.language, action=choice)
    if found.party.role in {PartyRole.HOST, PartyRole.TUTOR}:
        _say_who_looks(found.party)
    return found


def _say_who_looks(party: Party) -> None:
    organization_id = party.scope.organization_id
    structure = Actor(Role.HOST, party.name, organization_ids=frozenset({organization_id} if organization_id else ()))
    agreement = party.agreement
    looked.at([agreement.student_id], agreement.territory_id, "agreement", by=structure)


def act(reference: str, token: str) -> Door:
    """The same, for an act: a link that served already or is too old is refused, journalled, and can be renewed."""
    door = enter(reference, token)
    if door.standing in {Standing.USED, Standing.EXPIRED}:
        why = Refusal.REUSED if door.standing is Standing.USED else Refusal.EXPIRED
        refusing.refuse(reference, token, why, address=request.remote_addr or "unknown")
    if door.standing not in {Standing.READY, Standing.DONE}:
        raise Closed(door, token)
    return door


class Closed(Exception):
    """A genuine link that lets nothing be done now."""

    def __init__(self, door: Door, token: str) -> None:
        super().__init__(door.standing)
        self.door, self.token = door, token


@bp.errorhandler(Closed)
def closed(error: Closed) -> ResponseReturnValue:
    door = links.Door(error.door.link, error.door.party, links.standing(error.door.link))
    return _closed_page(door, error.token), 409


def page(party: Party, template: str, **context: Any) -> str:
    """A page in the language that `enter` found."""
    return render_template(template, party=party, agreement=party.agreement, student=party.agreement.student, **context)


def _closed_page(door: Door, token: str) -> str:
    party = door.party
    if door.standing is Standing.VOID:
        successor = signers.successor(party.agreement, party)
        reachable = successor is not None and bool(codes.channels(successor))
    else:
        successor, reachable = party, bool(codes.channels(party))
    ways = codes.channels(successor) if successor else []
    return page(
        party,
        "agreements/sign_closed.html",
        door=door,
        token=token,
        reachable=reachable,
        way=ways[0] if ways else None,
        destination=codes.destination(successor, ways[0]) if successor and ways else "",
    )


@bp.get("/signer/<reference>/<token>")
@public(_OWNER)
def signing(reference: str, token: str) -> ResponseReturnValue:
    door = enter(reference, token)
    if door.standing is Standing.DONE:
        return page(door.party, "agreements/sign_done.html", token=token)
    if door.standing is not Standing.READY:
        return _closed_page(door, token)
    form = ConsentForm(formdata=None, seen=door.party.agreement.content_digest)
    return _reading_page(door.party, token, form)


def _reading_page(party: Party, token: str, form: ConsentForm) -> str:
    ways = codes.channels(party)
    form.channel.choices = [(way.value, _channel(way, codes.destination(party, way))) for way in ways]
    if not form.channel.data and ways:
        form.channel.data = ways[0].value
    return page(
        party,
        "agreements/sign.html",
        token=token,
        form=form,
        ways=ways,
        takes_note=party.role in TAKES_NOTE,
        reason_form=ReasonForm(formdata=None),
        paper=paper_of(party.agreement),
    )


def _channel(way: Channel, destination: str) -> str:
    if way is Channel.SMS:
        return _("Par SMS au %(number)s", number=destination)
    return _("Par e-mail à %(address)s", address=destination)


@bp.get("/signer/<reference>/<token>/convention.pdf")
@public(_OWNER)
def signing_pdf(reference: str, token: str) -> ResponseReturnValue:
    door = enter(reference, token)
    if door.standing not in {Standing.READY, Standing.DONE}:
        return _closed_page(door, token)
    return send_pdf(door.party.agreement)


@bp.post("/signer/<reference>/<token>/code")
@public(_OWNER)
def signing_code(reference: str, token: str) -> ResponseReturnValue:
    door = act(reference, token)
    party = door.party
    if door.standing is Standing.DONE:
        return redirect(url_for("agreements.signing", reference=reference, token=token), 303)
    form = ConsentForm()
    if party.role in TAKES_NOTE:
        return _take_note(party, token, form)
    ways = {way.value for way in codes.channels(party)}
    if not form.accepted() or form.channel.data not in ways:
        return _reading_page(party, token, form), 422
    row, order = verbs.ask_code(party, Channel(form.channel.data), form.seen.data or "", circumstances())
    if order is not None:
        try:
            asking.text_now(order.to, order.text)
        except Conflict:
            verbs.take_back_code(row.id)
            raise
    return redirect(url_for("agreements.signing_enter_code", reference=reference, token=token), 303)


def _take_note(party: Party, token: str, form: ConsentForm) -> ResponseReturnValue:
    if not form.accepted():
        return _reading_page(party, token, form), 422
    verbs.take_note(party, form.seen.data or "", circumstances())
    return redirect(url_for("agreements.signing", reference=party.agreement.reference, token=token), 303)


@bp.get("/signer/<reference>/<token>/code")
@public(_OWNER)
def signing_enter_code(reference: str, token: str) -> ResponseReturnValue:
    door = enter(reference, token)
    if door.standing is not Standing.READY:
        return redirect(url_for("agreements.signing", reference=reference, token=token), 303)
    return _code_page(door.party, token, CodeForm(formdata=None))


def _code_page(party: Party, token: str, form: CodeForm) -> str:
    row = signers.latest_code(party.id)
    return page(
        party,
        "agreements/sign_code.html",
        token=token,
        form=form,
        row=row,
        destination=codes.destination(party, row.channel) if row else "",
        seen=dict(row.covers).get(party.id) if row else "",
    )


@bp.post("/signer/<reference>/<token>/signature")
@public(_OWNER)
def signing_sign(reference: str, token: str) -> ResponseReturnValue:
    door = act(reference, token)
    form = CodeForm()
    again = url_for("agreements.signing", reference=reference, token=token)
    if door.standing is Standing.DONE:
        if not verbs.repeated(door.party, form.code.data or ""):
            refusing.refuse(reference, token, Refusal.REUSED, address=request.remote_addr or "unknown")
            raise Conflict(_("Ce lien a déjà servi : votre signature est là, une seule fois."))
        return redirect(again, 303)
    if form.validate():
        try:
            verbs.sign(door.party, form.code.data, circumstances())
        except Invalid as error:
            form.take(error)
        else:
            return redirect(again, 303)
    return _code_page(door.party, token, form), 422


@bp.post("/signer/<reference>/<token>/nouveau-lien")
@public(_OWNER)
def signing_renew(reference: str, token: str) -> ResponseReturnValue:
    """From the page of an old link: a new one, to the address on record and nowhere else."""
    door = enter(reference, token)
    party = door.party
    if door.standing is Standing.VOID:
        successor = signers.successor(party.agreement, party)
        if successor is None:
            raise Conflict(_("Cette convention est annulée. Le collège vous écrira s’il y en a une autre."))
        party = successor
    way = asking.renew(party)
    return page(
        door.party, "agreements/sign_renewed.html", way=way, destination=codes.destination(party, way), token=token
    )


@bp.post("/signer/<reference>/<token>/pas-moi")
@public(_OWNER)
def signing_not_me(reference: str, token: str) -> ResponseReturnValue:
    door = act(reference, token)
    objecting.say_not_me(door.party, circumstances())
    return page(door.party, "agreements/sign_not_me.html")


@bp.post("/signer/<reference>/<token>/refus")
@public(_OWNER)
def signing_decline(reference: str, token: str) -> ResponseReturnValue:
    door = act(reference, token)
    form = ReasonForm()
    if not form.validate():
        consent = ConsentForm(formdata=None, seen=door.party.agreement.content_digest)
        return _declining_page(door.party, token, consent, form), 422
    objecting.decline(door.party, form.reason.data, circumstances())
    flash(_("C’est noté. Le collège est prévenu et vous appellera."), "success")
    return redirect(url_for("agreements.signing", reference=reference, token=token), 303)


def _declining_page(party: Party, token: str, consent: ConsentForm, form: ReasonForm) -> str:
    return page(party, "agreements/sign_decline.html", token=token, form=consent, reason_form=form)


@bp.get("/signer/<reference>")
@public("somebody who lost their link asks for another; the answer is the same whoever asks")
def signing_lost(reference: str) -> ResponseReturnValue:
    languages.listen()
    return render_template("agreements/sign_lost.html", form=LostLinkForm(), reference=reference)


@bp.post("/signer/<reference>")
@public("somebody who lost their link asks for another; the answer is the same whoever asks")
def signing_send_again(reference: str) -> ResponseReturnValue:
    languages.listen()
    form = LostLinkForm()
    if not form.validate():
        return render_template("agreements/sign_lost.html", form=form, reference=reference), 422
    asking.renew_by_address(reference, form.email.data, address=request.remote_addr or "unknown")
    return render_template("agreements/sign_lost_sent.html", email=form.email.data)
