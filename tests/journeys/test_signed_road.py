"""From the decision to the certificate: answers, convention, five signatures, a week of stage, what it leaves.

It begins where the whole road ends, with everybody on the screen they would have; mails pass by a real SMTP server.
The clock of the site is turned twice: to the first morning of the stage, and to its last evening.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from datetime import time as hour
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from app.kernel.clock import PARIS
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.photograph import photograph
from tests.journeys.site import Site
from tests.journeys.test_road import PHRASE, ROAD, Road, Stage
from tests.messaging.mailbox import serving

KARIM, TUTOR, ANNA = "karim@velos.example", "atelier@velos.example", "anna@famille.example"
SOPHIE, PAUL = "sophie@college.example", "paul@college.example"
WHOLE = "Signée par tous"


@pytest.fixture
def mailing_site(tmp_path: Path) -> Iterator[Site]:
    """An empty site that hands its mails to a real SMTP server."""
    instance = tmp_path / "instance"
    instance.mkdir()
    with serving() as box:
        site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}", box=box)
        site.flask("db", "upgrade")
        site.start()
        yield site
        site.stop()


class SignedRoad(Road):
    """People meet again in a new browser: a session ends with the day."""

    agreement: str = ""  # path of Lina's agreement

    def on(self, screen: str, who: str, address: str) -> Visitor:
        """Somebody who signs in with an address and a password, once a part of the road."""
        if who not in self.people:
            visitor = self.people[who] = self.meet(self.site, screen)
            visitor.goto("/connexion/adresse").fill("[name=email]", address)
            visitor.page.fill("[name=password]", PHRASE)
            visitor.follow("Se connecter")
            visitor.prove(address)
        return self.people[who]

    def lina(self) -> Visitor:
        if "Lina" not in self.people:
            visitor = self.people["Lina"] = self.meet(self.site, "phone")
            page = visitor.goto("/connexion")
            page.fill("[name=class_code]", self.class_code)
            page.fill("[name=personal_code]", self.codes["Lina"])
            visitor.follow("Entrer")
        return self.people["Lina"]

    def sophie(self) -> Visitor:
        return self.on("desk", "teacher", SOPHIE)

    def guest(self, screen: str = "phone") -> Visitor:
        """Somebody who holds a link and nothing else."""
        return self.meet(self.site, screen)

    def turn_the_clock(self, day: date, at: hour) -> None:
        self.people.clear()
        self.site.stop()
        self.site.moment = datetime.combine(day, at, PARIS)
        self.site.start()

    @property
    def monday(self) -> date:
        """The week that the draw gave Lina, among the two of the offer."""
        with closing(sqlite3.connect(self.site.instance / "passerelle.db")) as database:
            found = database.execute(
                "SELECT slot.monday FROM placement JOIN slot ON slot.id = placement.slot_id"
                " JOIN student ON student.id = placement.student_id WHERE student.first_name = 'Lina'"
            ).fetchone()
        return date.fromisoformat(found[0])


def until(visitor: Visitor, text: str | re.Pattern[str], seconds: float = 120) -> None:
    """Look at the page again until the worker has done what it says."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if re.search(text, _plain(visitor.page.inner_text("main"))):
            return
        time.sleep(1)
        visitor.page.reload()
    raise AssertionError(f"{text} never came:\n{visitor.page.inner_text('main')}\n{visitor.site.log()}")


def _plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def host_and_family_say_yes(road: SignedRoad) -> None:
    karim = road.guest()
    karim.goto(road.site.link_to(KARIM, "/accueil/"))
    karim.check("host-answers")
    karim.follow(re.compile("Oui, nous l’accueillons Lina"))
    karim.check()
    anna = road.guest()
    anna.goto(road.site.link_to(ANNA, "/famille/"))
    anna.follow("Oui, c’est d’accord")
    expect(anna.page.get_by_text("Votre oui est noté")).to_be_visible()
    anna.check("family-said-yes")


def teacher_prepares_the_convention(road: SignedRoad) -> None:
    sophie = road.sophie()
    sophie.goto("/mes-classes")
    sophie.follow("3A")
    sophie.follow(re.compile("Lina"))
    sophie.follow("Modifier le nom et la famille")
    sophie.page.fill("[name=birth_date]", "2012-05-04")
    sophie.page.fill("[name=guardian_2_name]", "Piotr Wojcik")
    sophie.page.fill("[name=guardian_2_phone]", "06 11 22 33 44")
    sophie.follow("Enregistrer la fiche")
    sophie.goto("/mes-classes")
    sophie.follow("3A")
    sophie.follow("Conventions de la classe")
    sophie.follow("Préparer les conventions de la classe")
    until(sophie, "lignes à compléter")
    sophie.check("class-agreements")
    sophie.follow("Lina Wojcik")
    sophie.check("agreement-draft")
    road.agreement = sophie.page.url.removeprefix(road.site.url)
    main = sophie.page.inner_text("main")
    assert "Le téléphone de l’établissement manque." in main
    assert "La fonction du tuteur manque." in main
    assert not sophie.page.get_by_role("button", name="Ouvrir les signatures").count()


def each_completes_its_own_part(road: SignedRoad) -> None:
    sophie = road.sophie()
    sophie.goto(f"{road.agreement}/completer/school")
    page = sophie.page
    page.fill("[name=address]", "51 rue René Cassin, 62110 Hénin-Beaumont")
    page.fill("[name=phone]", "03 21 00 00 00")
    page.fill("[name=email]", "ce.0622795b@college.example")
    page.fill("[name=board_approval_on]", "2026-06-30")
    page.fill("[name=teacher_phone]", "03 21 00 00 01")
    sophie.follow("Enregistrer cette partie")
    expect(page.get_by_text("C’est noté dans la convention.")).to_be_visible()
    assert road.site.mail_to(KARIM, "La fonction du tuteur manque.", pattern=r"/conventions/\d+/completer/host")
    karim = road.on("phone", "host", KARIM)
    karim.goto(road.agreement)
    karim.follow(re.compile("Compléter"))
    karim.page.fill("[name=tutor_role]", "encadrant technique")
    karim.page.fill("[name=tutor_email]", TUTOR)
    karim.check("agreement-host-part")
    karim.follow("Enregistrer cette partie")
    assert "Complet" in karim.page.inner_text("main")


def teacher_opens_the_signatures(road: SignedRoad) -> None:
    sophie = road.sophie()
    sophie.goto(road.agreement)
    sophie.follow("Ouvrir les signatures")
    expect(sophie.page.get_by_text("Les signatures sont ouvertes")).to_be_visible()
    sophie.goto(f"{road.agreement}/signatures")
    sophie.follow("Les deux parents doivent signer")
    sophie.check()
    not_yet(road)


def not_yet(road: SignedRoad) -> None:
    """The page never says « Signée par tous » while somebody is missing; nor does the public one."""
    sophie = road.sophie()
    page = sophie.goto(f"{road.agreement}/signatures")
    assert WHOLE not in page.inner_text("main")
    assert "Il manque des signatures" in page.inner_text("main")
    guest = road.people.setdefault("passer-by", road.guest())
    guest.goto(f"/verification/{reference(road)}")
    assert "Pas encore signée par tous" in guest.page.inner_text("main")


def reference(road: SignedRoad) -> str:
    page = road.sophie().goto(road.agreement)
    found = re.search(r"Référence (\w{4}) (\w{4})", _plain(page.inner_text("main, body")))
    assert found is not None
    return found[1] + found[2]


def pdf_of(road: SignedRoad) -> bytes:
    answer = road.sophie().page.request.get(f"{road.site.url}{road.agreement}/document.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    body: bytes = answer.body()
    return body


def mother_signs_on_her_phone(road: SignedRoad) -> None:
    anna = road.guest()
    signs_by_link(road, anna, ANNA)
    anna.check("signing-done")
    not_yet(road)


def signs_by_link(road: SignedRoad, visitor: Visitor, address: str) -> None:
    page = visitor.goto(road.site.link_to(address, "/signer/"))
    assert "Vélos du Terril" in page.inner_text("main")
    page.get_by_label("J’ai lu la convention").check()
    visitor.follow("Recevoir mon code")
    page.get_by_label("Code à six chiffres").fill(road.site.code_to(address))
    visitor.follow("Signer la convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")


def student_signs_with_the_card(road: SignedRoad) -> None:
    lina = road.lina()
    lina.check("student-home-to-sign")
    page = lina.goto("/mon-stage")
    lina.check("student-stage-to-sign")
    lina.follow("Lire et signer ma convention")
    page.get_by_label("J’ai lu la convention").check()
    page.get_by_label("Ton code personnel").fill(road.codes["Lina"])
    lina.follow("Signer ma convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")
    not_yet(road)


def host_signs_by_the_mailed_link(road: SignedRoad) -> None:
    signs_by_link(road, road.guest(), KARIM)
    not_yet(road)


def father_signs_on_paper(road: SignedRoad) -> None:
    """The page is printed, signed, photographed by a telephone, and brought by the teacher."""
    sophie = road.sophie()
    sheet = photograph(pdf_of(road))
    page = sophie.goto(f"/verification/{reference(road)}")
    digest = re.search(r"\b[0-9a-f]{4} [0-9a-f]{4}\b", _plain(page.inner_text("main")))
    assert digest is not None
    page = sophie.goto(f"{road.agreement}/papier")
    page.get_by_label("Photos ou fichier").set_input_files(
        FilePayload(name="IMG_2041.JPG", mimeType="image/jpeg", buffer=sheet)
    )
    page.get_by_label(re.compile("Piotr Wojcik")).check()
    page.get_by_label(re.compile("Les huit premiers signes")).fill(digest[0])
    sophie.check("agreement-paper")
    sophie.follow("Enregistrer le papier signé")
    expect(page.get_by_text("Signé sur papier")).to_be_visible()
    not_yet(road)


def teacher_and_tutor_take_note(road: SignedRoad) -> None:
    sophie = road.sophie()
    page = sophie.goto("/conventions/a-signer")
    sophie.follow("J’en ai pris connaissance")
    expect(page.get_by_text("Vous avez pris connaissance d’une convention")).to_be_visible()
    tutor = road.guest()
    page = tutor.goto(road.site.link_to(TUTOR, "/signer/"))
    page.get_by_label("J’ai lu la convention").check()
    tutor.follow("J’ai pris connaissance de la convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")
    not_yet(road)


def head_signs_the_batch_last(road: SignedRoad) -> None:
    paul = road.on("desk", "head", PAUL)
    page = paul.goto("/conventions/a-signer")
    paul.check("head-batch")
    paul.follow("Recevoir le code pour signer")
    page.get_by_label("Code à six chiffres").fill(road.site.code_to(PAUL))
    paul.follow("Signer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Une convention signée", timeout=60_000)


def now_it_is_signed_by_all(road: SignedRoad) -> None:
    sophie = road.sophie()
    page = sophie.goto(f"{road.agreement}/signatures")
    main = page.inner_text("main")
    assert WHOLE in main
    assert main.count("Vu") == 2
    sophie.check("agreement-signed")
    guest = road.people.setdefault("passer-by", road.guest())
    page = guest.goto(f"/verification/{reference(road)}")
    assert WHOLE in page.inner_text("main")
    assert "Lina" not in page.inner_text("main")
    guest.check("verification")
    data = pdf_of(road)
    page.get_by_text("Comparer un fichier PDF").click()
    page.get_by_label("Le fichier PDF à comparer").set_input_files(
        FilePayload(name="convention.pdf", mimeType="application/pdf", buffer=data)
    )
    page.get_by_role("button", name="Comparer", exact=True).click()
    expect(page.get_by_text("C’est bien le document signé par tous")).to_be_visible()
    path = road.site.instance / "convention.pdf"
    path.write_bytes(data)
    text = poppler("pdftotext", "-layout", str(path), "-")
    for name in ("Lina Wojcik", "Anna Wojcik", "Piotr Wojcik", "Karim Lefebvre", "Paul Vasseur"):
        assert name in text, name
    about = poppler("pdfinfo", str(path))
    assert re.search(r"Tagged:\s+yes", about), about


def poppler(*command: str) -> str:
    return _plain(subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout)


def the_stage_begins(road: SignedRoad) -> None:
    """Monday, a quarter past nine: an alert on the host's phone, the teacher answers, the student arrives."""
    road.turn_the_clock(road.monday, hour(9, 15))
    lina = road.lina()
    lina.goto("/mon-stage")
    lina.check("student-stage")
    lina.goto("/mon-stage/feuille")
    lina.check("student-sheet")
    ics = lina.page.request.get(f"{road.site.url}/mon-stage/agenda.ics").text()
    assert ics.count("BEGIN:VEVENT") >= 1
    assert road.monday.strftime("DTSTART;TZID=Europe/Paris:%Y%m%d") in ics
    karim = road.on("phone", "host", KARIM)
    karim.goto("/mes-stagiaires")
    karim.check("host-arrivals-day")
    karim.follow(re.compile("Signaler un souci"))
    until(karim, "Absence ce matin")
    karim.check("host-alert")
    karim.follow(re.compile("Absence ce matin"))
    assert "Lina" in road.site.mail_to(SOPHIE, "Lina", pattern="n’est pas|absen")
    sophie = road.sophie()
    sophie.goto("/suivi")
    sophie.check("visits-absence")
    sophie.follow(re.compile("Je m’en occupe"))
    karim.page.reload()
    assert "Sophie Kaczmarek" in karim.page.inner_text("main")
    karim.follow(re.compile("est là, finalement"))
    until(sophie, "Arrivée signalée")


def everybody_looks_back(road: SignedRoad) -> None:
    """Friday evening: sixty seconds each, and the certificate."""
    road.turn_the_clock(road.monday + timedelta(days=4), hour(18, 30))
    tutor = road.guest()
    page = tutor.goto(road.site.link_to(TUTOR, "/avis-tuteur/"))
    for skill, level in (("observe", 3), ("communicate", 2), ("understand", 2), ("engage", 3)):
        page.check(f"[name={skill}][value='{level}']")
    page.fill("[name=encouragement]", "Vos mains vont vite, gardez cette envie.")
    page.check("[name=again][value=yes]")
    tutor.check("tutor-sixty-seconds")
    tutor.follow("Envoyer, et faire l’attestation")
    tutor.follow("Faire l’attestation")
    tutor.check("tutor-certificate")
    lina = road.lina()
    page = lina.goto("/mon-avis")
    page.check("[name=fit][value='4']")
    for thing in ("tools", "hands", "team"):
        page.check(f"[name=discovered][value={thing}]")
    page.check("[name=recommend][value=yes]")
    lina.check("student-sixty-seconds")
    lina.follow("Envoyer mon avis")
    lina.goto("/apres-mon-stage")
    lina.check("student-after")
    assert "Vos mains vont vite" in page.inner_text("main")
    link = page.get_by_role("link", name=re.compile("Mon attestation de stage")).get_attribute("href") or ""
    path = road.site.instance / "certificate.pdf"
    path.write_bytes(page.request.get(road.site.url + link).body())
    text = poppler("pdftotext", "-layout", str(path), "-")
    assert "Lina Wojcik" in text
    assert "Vélos du Terril" in text
    assert re.search(r"Tagged:\s+yes", poppler("pdfinfo", str(path)))
    camille = road.on("desk", "coordinator", "camille@passerelle.example")
    camille.goto("/avis")
    camille.check("coordinator-feedback")
    assert "Vélos du Terril" in camille.page.inner_text("main")
    assert "0 défauts" in road.site.flask("agreements", "verify")


SIGNED_ROAD: tuple[Stage, ...] = (
    host_and_family_say_yes,
    teacher_prepares_the_convention,
    each_completes_its_own_part,
    teacher_opens_the_signatures,
    mother_signs_on_her_phone,
    student_signs_with_the_card,
    host_signs_by_the_mailed_link,
    father_signs_on_paper,
    teacher_and_tutor_take_note,
    head_signs_the_batch_last,
    now_it_is_signed_by_all,
    the_stage_begins,
    everybody_looks_back,
)  # type: ignore[assignment]  # each is a stage of a road which knows a little more


@pytest.mark.timeout(900)
def test_from_the_decision_to_the_certificate(mailing_site: Site, meet: Meet) -> None:
    road = SignedRoad(mailing_site, meet, "desk", quick=True)
    road.walk(ROAD)
    road.people.clear()
    road.walk(SIGNED_ROAD)
