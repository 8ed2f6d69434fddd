"""Who is spoken to in which language, and until when; nothing of a family’s pages and mails is left in French."""

from __future__ import annotations

from datetime import date

import pytest
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.policy import Role
from app.agreements import emails_preparing, emails_signing, filling, presenting, queries
from app.agreements.models import Party
from app.agreements.states import PartyRole
from app.audit.models import JournalEntry
from app.kernel.database import db
from app.kernel.errors import Forbidden
from app.messaging import emails as digests
from app.messaging.models import OutboxMessage
from app.placements import emails
from app.schools import services as schools
from app.schools.models import LegalGuardian
from app.web import languages, wording
from app.web.languages import LANGUAGES, catalogue, speaking
from tests.agreements.signing_kit import GUARDIAN, HOST, Case, make_known, party, prepared
from tests.placements.conftest import Told, deciding, placement_of, told
from tests.web.test_wording import plain
from tests.world import World

__all__ = ["deciding", "told"]  # fixtures

OTHERS = [code for code in LANGUAGES if code != "fr"]


def test_a_latin_name_keeps_its_order_from_right_to_left(app: Flask) -> None:
    with app.app_context():
        with speaking("ar"):
            said = _("%(name)s ira chez %(host)s, %(week)s.", name="Lina", host="Les Jardins (Lens)", week="")
            link = _("Convention de stage de %(name)s à lire et à signer : %(url)s", name="Lina", url="https://x.y/z")
        with speaking("pl"):
            assert "\u2068" not in _("Un stage pour %(name)s", name="Lina")
    assert "\u2068Les Jardins (Lens)\u2069" in said
    assert link.endswith(" https://x.y/z")


def test_speaking_ends_where_it_began(app: Flask) -> None:
    with app.app_context():
        with speaking("pl"):
            with speaking("fr"):
                assert (_("Oui"), languages.current()) == ("Oui", "fr")
            assert (_("Oui"), languages.current(), languages.tag()) == ("Tak", "pl", "pl")
        with speaking("klingon"):
            assert _("Oui") == "Oui"
        assert (languages.current(), languages.direction()) == ("fr", "ltr")


class _Heard(NullTranslations):
    """Notes what a catalogue did not have."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[str] = []

    def gettext(self, message: str) -> str:
        self.sentences.append(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> _Heard:
    """What was asked of the Polish catalogue and is not in it."""
    heard, polish = _Heard(), catalogue("pl")
    monkeypatch.setattr(polish, "_fallback", heard)
    return heard


def _speaks(app: Flask, code: str) -> None:
    with app.app_context():
        for guardian in db.session.query(LegalGuardian):
            guardian.language = code
        db.session.commit()


def test_the_family_page_says_nothing_that_is_not_translated(
    app: Flask, told: Told, client: FlaskClient, unknown: _Heard
) -> None:
    _speaks(app, "pl")
    address = f"/famille/{told.family_token}"
    page = client.get(address)
    assert '<html lang="pl" dir="ltr"' in page.text
    assert "Czy zgadzają się Państwo?" in page.text
    refused = client.post(address, data={"placement_id": told.placement_id, "value": "no", "reason": ""})
    assert refused.status_code == 422
    assert "Prosimy napisać powód jednym zdaniem." in refused.text
    client.post(address, data={"placement_id": told.placement_id, "value": "no", "reason": "Za daleko"})
    client.post(address, data={"placement_id": told.placement_id, "value": "yes"})
    assert "Dziękujemy. Zgoda jest zapisana." in client.get(address).text
    assert client.post(address, data={"placement_id": 0, "value": "yes"}).status_code == 404
    assert "Langue" not in client.get("/famille/faux?langue=pl").text
    for path in ("/reponse?langue=pl", "/signer/XXXXXXXX/faux?langue=pl", "/signer/XXXXXXXX?langue=pl"):
        assert 'lang="pl"' in client.get(path).text
    wrong = client.post("/reponse?langue=pl", data={"code": "AAAA 2222"})
    assert "To nie jest właściwy kod." in wrong.text
    assert 'action="/reponse?langue=pl"' in wrong.text
    # What is written in the journal is French, whoever acts.
    assert set(unknown.sentences) <= {"La réponse a changé."}


def test_signing_says_nothing_that_is_not_translated(app: Flask, world: World, unknown: _Heard) -> None:
    case, client = Case.of(app, world.here, guardians=({"language": "pl"},)), app.test_client()
    token = case.token(GUARDIAN)
    page = client.get(case.path(token)).text
    assert "Podpisują Państwo jako Anna Wojcik" in page
    assert "Dziecko poznaje zawód." in page
    assert '<div class="original" lang="fr" dir="ltr">' in page
    assert "9 h" in page.partition('class="original"')[2]
    assert "Aby przejść dalej" in client.post(case.path(token, "/code"), data={"seen": case.digest}).text
    assert client.get(case.path(token, "/papier")).status_code == 200
    assert client.post(case.path(token, "/papier"), data={"mark": ""}).status_code == 422
    assert client.post(case.path(token, "/refus"), data={"reason": ""}).status_code == 422
    client.post(case.path(token, "/refus"), data={"reason": "Nie teraz"})
    assert "Nadal można zmienić zdanie" in client.get(case.path(token)).text
    client.post(case.path(token, "/code"), data=case.consent())
    code = case.code(GUARDIAN)
    wrong = "000000" if code != "000000" else "000001"
    assert "To nie jest właściwy kod" in client.post(case.path(token, "/signature"), data={"code": wrong}).text
    assert client.post(case.path(token, "/signature"), data={"code": code}).status_code == 303
    assert "Gotowe, dziękujemy" in client.get(case.path(token)).text
    case.change()
    assert "Umowa zmieniła się po Państwa podpisie." in client.get(case.path(token)).text
    assert client.post(case.path(token, "/signature"), data={"code": code}).status_code == 409
    assert "Nowy link został właśnie wysłany." in client.post(case.path(token, "/nouveau-lien")).text
    assert unknown.sentences == []
    to_family = {row.kind: row.subject for row in case.mails(to=GUARDIAN)}
    assert to_family["agreement_link"] == "Umowa stażu: Lina"
    assert to_family["agreement_receipt"] == "Umowa stażu podpisana przez Państwa: Lina"
    others = [row for row in case.mails() if row.to_email != GUARDIAN]
    assert {row.language for row in others} == {"fr"}
    assert any("ne signe pas" in row.subject for row in others)  # written while a Polish page was being served


def test_the_agreement_is_the_same_document_in_every_language(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        french_text = presenting.document(agreement)
        with speaking("ar"):
            assert presenting.document(agreement) == french_text


def test_only_a_guardian_is_offered_a_language(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    host = case.path(case.token(HOST))
    assert 'class="languages' not in client.get(host).text
    assert '<html lang="fr"' in client.get(f"{host}?langue=pl").text
    assert client.post(f"{host}/langue", data={"language": "pl"}).status_code == 404
    own = case.path(case.token(GUARDIAN))
    assert client.post(f"{own}/langue", data={"language": "pl"}).status_code == 303
    with app.app_context():
        assert db.session.get_one(Party, case.party_id("guardian")).language == "pl"


@pytest.mark.parametrize("code", OTHERS)
def test_mails_are_in_the_language_of_their_reader(app: Flask, told: Told, code: str) -> None:
    with app.app_context():
        placement = placement_of(told.land.student_id)
        guardian = db.session.get_one(LegalGuardian, told.land.guardian_id)
        guardian.language = code
        with speaking("it"):
            written = [
                emails.remind_family(placement, guardian, 1),
                emails.undone_family(placement, guardian),
                emails.renewed_family(guardian),
            ]
        for message in written:
            assert message.language == code
            assert f'lang="{LANGUAGES[code].locale.replace("_", "-")}"' in message.html
            assert ('dir="rtl"' in message.html) is (code == "ar")
        with speaking(code):
            expected = _("Le stage de %(name)s attend votre réponse", name="Lina")
            assert plain(written[0].subject) == plain(expected)
            assert plain(wording.week(placement.slot.monday)) in plain(written[0].text)
        lines = [OutboxMessage(to_email="a@b.c", to_name="Anna", subject=m.subject, language=code) for m in written]
        digest = digests.digest(lines, "2026-11-22:a@b.c")
        assert digest.language == code
        with speaking(code):
            assert digest.subject == ngettext("Une nouvelle", "%(num)s nouvelles de Passerelle", 3)


def test_text_messages_are_in_the_language_of_their_reader(app: Flask, world: World) -> None:
    case = Case.of(app, world.here, guardians=({"language": "it"},))
    with app.app_context():
        found = queries.by_id(case.id)
        assert found is not None
        person = party(found, PartyRole.GUARDIAN)
        assert emails_signing.code_text(person, "123456").startswith("Il Suo codice per firmare")
        assert "/signer/" in emails_signing.link_text(person, "token")


def test_the_part_of_a_family_is_in_its_language(app: Flask, world: World, unknown: _Heard) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        make_known(world.here)
        agreement = prepared(world.here, guardians=({"language": "pl", "phone": ""},))
        address = f"/convention/a-completer/{filling.token_for(agreement, 'family')}"
        lacking = ["Brakuje nazwiska."]
        mail = emails_preparing.to_complete(
            agreement, "family", lacking, name="Anna", email=GUARDIAN, day=date(2026, 11, 22), has_account=False,
            language="pl",
        )  # fmt: skip
        db.session.remove()
    assert mail.subject == "Umowa stażu do uzupełnienia: Lina"
    client = app.test_client()
    page = client.get(address).text
    assert "Ubezpieczyciel rodziny" in page
    assert client.post(address, data={"guardian_email": "x"}).status_code == 422
    assert client.post(f"{address}?langue=pl", data={"insurer": "MAIF"}).headers["Location"] == f"{address}?langue=pl"
    assert "Zapisano w umowie." in client.get(address).text
    assert unknown.sentences == []


def test_a_letter_is_printed_in_the_language_of_its_family(app: Flask, told: Told, unknown: _Heard) -> None:
    _speaks(app, "pl")
    teacher = told.world.sign_in(app.test_client(), Role.TEACHER)
    page = teacher.get(f"/classes/{told.land.class_id}/lettres").text
    assert "<h1>Lettres aux familles" in page
    assert page.count('<section class="letter" lang="pl" dir="ltr"') == 1
    assert "Szanowni Państwo," in page
    assert "/reponse?langue=pl" in page
    assert unknown.sentences == []


def test_a_choice_is_stored_and_journalled_once(app: Flask, told: Told, client: FlaskClient) -> None:
    address = f"/famille/{told.family_token}"
    for _time in range(2):
        answer = client.post(f"{address}/langue", data={"language": "ar"})
        assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = client.get(address).text
    assert 'dir="rtl"' in page
    assert "bootstrap.rtl" in page
    assert 'value="ar" lang="ar" aria-current="true"' in page
    assert 'dir="ltr"' in client.get(f"{address}?langue=en").text
    assert 'dir="rtl"' in client.get(f"{address}?langue=klingon").text
    assert client.post(f"{address}/langue", data={"language": "klingon"}).status_code == 422
    with app.app_context():
        rows = db.session.query(JournalEntry).filter_by(action="guardian.language").all()
        assert [(row.role, row.details) for row in rows] == [("guardian", {"language": "ar"})]
        guardian = db.session.get_one(LegalGuardian, told.land.guardian_id)
        with pytest.raises(Forbidden):
            schools.choose_language(guardian, "pl", by=told.land.actor(Role.TEACHER))
        assert guardian.language == "ar"


def test_the_next_request_speaks_french_again(app: Flask, told: Told, client: FlaskClient) -> None:
    with app.app_context():
        client.get(f"/famille/{told.family_token}?langue=ar")
        assert (languages.current(), _("Oui")) == ("fr", "Oui")
    assert '<html lang="fr"' in client.get("/").text
