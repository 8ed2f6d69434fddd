"""Asking for signatures: links and reminders to each person awaited, by the way in which each can be reached."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import throttling
from app.accounts.throttling import TooManyTries
from app.agreements import codes, emails_signing, evidence, gateway_sms, links, queries
from app.agreements.evidence import Event
from app.agreements.models import Agreement, Party
from app.agreements.queries import awaited, signers
from app.agreements.services.signing import hold
from app.agreements.states import AgreementState, Channel, SignatureState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import after_commit, db, transaction
from app.kernel.errors import Conflict, Invalid
from app.kernel.jobs import enqueue, jobs
from app.messaging import services as messaging
from app.settings import Settings
from app.web.logs import log

RENEW_AFTER = timedelta(minutes=2)
RENEWALS_A_DAY = 6
TEXT_AGAIN_AFTER = timedelta(minutes=15)


def ask(agreement: Agreement) -> None:
    """Ask every awaited person, inside the caller's transaction. A person already asked is not asked again.

    By mail: a personal link at once. By telephone alone: a text message by the worker. With an account: the list of
    what awaits them, in one mail a day. Otherwise on paper, which the page of the signatures says.
    """
    with transaction():
        mailed: set[tuple[str, str]] = set()
        for party in agreement.parties:
            if party.state is not SignatureState.AWAITED or party.asked_at is not None:
                continue
            way = way_to(party)
            if way == Channel.SMS:
                continue
            party.asked_at = clock.now()
            evidence.record(agreement, Event.ASKED, party=party, way=way)
            # The tutor is often the representative: one mail, and one signature says both.
            person = (party.email.casefold(), party.name.casefold())
            if way == Channel.MAIL and person not in mailed:
                messaging.post(emails_signing.link(party, links.issue(party)))
                mailed.add(person)
        enqueue(text_links)


def way_to(party: Party) -> str:
    """ "session" (an account), "mail", "sms" or "paper"."""
    if not party.by_link:
        return Channel.SESSION
    found = codes.channels(party)
    return found[0] if found else "paper"


@jobs.task
def text_links() -> None:
    """Send their link to those who have a telephone and no mail. The link is stored first, the asking noted last."""
    settings: Settings = current_app.config["SETTINGS"]
    for party_id in awaited.to_text(clock.now() - TEXT_AGAIN_AFTER):
        with transaction():
            party = hold(party_id)
            if party.state is not SignatureState.AWAITED or party.asked_at is not None:
                continue
            if way_to(party) != Channel.SMS:
                party.asked_at = clock.now()
                continue
            party.reminded_at = clock.now()
            to, text = party.phone, emails_signing.link_text(party, links.issue(party))
        if not _texted(settings, to, text):
            continue
        with transaction():
            party = hold(party_id)
            party.asked_at = clock.now()
            evidence.record(party.agreement, Event.ASKED, party=party, way=Channel.SMS)


def _texted(settings: Settings, to: str, text: str) -> bool:
    try:
        gateway_sms.send(settings, gateway_sms.mobile(to) or "", text)
    except gateway_sms.NotSent as error:
        log.warning("sms.not_sent", why=str(error))
        return False
    return True


def text_now(to: str, text: str) -> None:
    """Send one text message while somebody waits in front of the screen; `Conflict` says what else to do."""
    if not _texted(current_app.config["SETTINGS"], to, text):
        raise Conflict(_("Le message n’est pas parti. Choisissez un autre moyen, ou recommencez dans une minute."))


def renew(party: Party) -> Channel:
    """A new link, asked for by its owner from the page of an old one; sent to the address on record alone.

    Raises `TooManyTries` after six a day, and `Conflict` when nothing reaches this person.
    """
    with transaction():
        held = hold(party.id)
        now = clock.now()
        since = awaited.links_since(held.id, now - timedelta(days=1))
        if since and (len(since) >= RENEWALS_A_DAY or max(since) > now - RENEW_AFTER):
            raise TooManyTries(_("Un nouveau lien vient de partir. Regardez vos messages, aussi les indésirables."))
        found = codes.channels(held)
        if not found:
            raise Conflict(
                _("Nous n’avons ni adresse ni numéro pour vous. Le collège vous donnera le papier à signer.")
            )
        token = links.issue(held)
        if found[0] is Channel.MAIL:
            messaging.post(emails_signing.link(held, token, reminder=True))
        else:
            to, text = held.phone, emails_signing.link_text(held, token)
            after_commit(lambda: text_now(to, text))
        audit.record("agreement.renew_link", held.agreement, by=None, party=held.id, channel=found[0])
    return found[0]


def renew_by_address(reference: str, email: str, *, address: str) -> None:
    """The same for somebody who has no link left at all; says nothing of whether the e-mail is known.

    Raises `TooManyTries` when one network address asks again and again.
    """
    throttling.demand_open(f"signing-lost:{address}")
    throttling.count_failure(f"signing-lost:{address}")
    agreement = queries.by_reference(reference)
    if agreement is None:
        return
    for party in agreement.parties:
        current = party if agreement.state is not AgreementState.VOID else signers.successor(agreement, party)
        if current is None or not current.by_link or not current.email:
            continue
        if current.email.casefold() == email.strip().casefold():
            try:
                renew(current)
            except TooManyTries:
                continue


def remind(party: Party, *, by: Actor) -> None:
    """Send the link again, asked for by the school or the coordinator; once a day at most."""
    by.demand(Permission.AGREEMENT_PREPARE, party.agreement)
    with transaction():
        held = hold(party.id)
        _demand_awaited(held)
        if not held.by_link or not codes.channels(held):
            raise Conflict(_("Cette personne signe depuis son compte, ou sur papier : parlez-lui."))
        if held.reminded_at is not None and held.reminded_at > clock.now() - timedelta(hours=20):
            raise Conflict(_("Un rappel est déjà parti il y a moins d’un jour."))
        send_reminder(held)
        audit.record("agreement.remind", held.agreement, by=by, party=held.id)


def _demand_awaited(party: Party) -> None:
    if party.agreement.state is not AgreementState.OPEN or party.state is SignatureState.SIGNED:
        raise Conflict(_("Cette signature n’est plus attendue."))


def send_reminder(party: Party) -> None:
    """A new link to somebody awaited, inside the caller's transaction; earlier links stay good."""
    token = links.issue(party)
    if party.email:
        messaging.post(emails_signing.link(party, token, reminder=True))
    else:
        to, text = party.phone, emails_signing.link_text(party, token)
        settings: Settings = current_app.config["SETTINGS"]
        after_commit(lambda: _texted(settings, to, text))
    party.reminded_at = clock.now()
    evidence.record(party.agreement, Event.REMINDED, party=party, way=way_to(party))


def correct_address(party: Party, email: str, phone: str, *, by: Actor) -> None:
    """The address was wrong: what was sent there opens nothing any more, and a new link leaves for the right one."""
    by.demand(Permission.AGREEMENT_PREPARE, party.agreement)
    if not email and gateway_sms.mobile(phone) is None:
        sentence = _("Donnez une adresse e-mail, ou un numéro de téléphone mobile.")
        raise Invalid(sentence, {"email": sentence})
    with transaction():
        held = hold(party.id)
        _demand_awaited(held)
        if (held.email, held.phone) == (email, phone):
            return
        links.revoke(held)
        held.email, held.phone, held.asked_at, held.reminded_at = email, phone, None, None
        held.state = SignatureState.AWAITED
        audit.record("agreement.correct_address", held.agreement, by=by, party=held.id)
        db.session.flush()
        ask(held.agreement)
