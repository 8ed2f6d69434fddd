"""The whole road from an empty database, walked by each role at both widths.

No account is made outside the interface but the first administrator's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site
from tests.world import siren, siret

PHRASE = "Le chevalet veille sur la plaine"
COMMUNES = "62427;Hénin-Beaumont;62110;50.40923;2.95900\n62215;Carvin;62220;50.48952;2.94858"
CLASS_LIST = "WOJCIK Lina\nDELATTRE Enzo\nBENALI Inès"


Stage = Callable[["Road"], None]


@dataclass
class Road:
    """What one stage hands to the next."""

    site: Site
    meet: Meet
    screen: str
    quick: bool = False  # no axe on the way: another test looks at these pages
    mondays: list[str] = field(default_factory=list)
    class_code: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)

    def somebody(self, who: str) -> Visitor:
        if who not in self.people:
            self.people[who] = self.meet(self.site, self.screen)
            self.people[who].quick = self.quick
        return self.people[who]

    def walk(self, stages: Sequence[Stage]) -> None:
        for stage in stages:
            stage(self)

    def arrive(self, who: str, address: str) -> Visitor:
        """Open the mailed link, press its button, choose a password."""
        visitor = self.somebody(who)
        visitor.goto(self.site.link_to(address, "/lien/"))
        visitor.check()
        visitor.follow("Entrer sur la plateforme")
        visitor.prove(address)
        visitor.page.fill("[name=password]", PHRASE)
        visitor.check()
        visitor.follow("Enregistrer le mot de passe")
        return visitor


def administrator_opens_the_territory(road: Road) -> None:
    road.site.flask(
        "accounts", "create-admin", "--email", "admin@passerelle.example", "--name", "Ada", "--password", PHRASE
    )
    ada = road.somebody("admin")
    ada.goto("/connexion/adresse").fill("[name=email]", "admin@passerelle.example")
    ada.page.fill("[name=password]", "pas le bon")
    ada.follow("Se connecter")
    ada.check()
    assert ada.page.locator("[role=alert]").first.is_visible()
    ada.page.fill("[name=password]", PHRASE)
    ada.follow("Se connecter")
    ada.prove("admin@passerelle.example")
    ada.check()
    ada.follow("Créer un territoire")
    for name, value in {
        "name": "Hénin-Carvin",
        "operator": "Ligue de l’enseignement 62",
        "contact_email": "contact@passerelle.example",
        "communes": COMMUNES,
    }.items():
        ada.page.fill(f"[name={name}]", value)
    ada.check()
    ada.follow("Créer le territoire")
    for name, value in {"name": "Camille Dubois", "email": "camille@passerelle.example"}.items():
        ada.page.fill(f"[name={name}]", value)
    ada.page.get_by_label("Coordination").check()
    ada.follow("Envoyer l’invitation")
    ada.check("admin")


def coordinator_prepares_the_campaign(road: Road) -> None:
    camille = road.arrive("coordinator", "camille@passerelle.example")
    camille.goto("/campagne")
    camille.check()
    camille.follow("Préparer la campagne")
    if camille.page.locator("[name=mondays]").count() < 6:
        camille.follow(re.compile("Préparer plutôt"))
    page, today = camille.page, date.today()  # noqa: DTZ011  # the site runs on the real clock here
    page.fill("[name=name]", "Stages de 3e")
    page.get_by_label("3e", exact=True).check()
    page.fill("[name=offers_open_on]", today.isoformat())
    page.fill("[name=wishes_open_on]", today.isoformat())
    page.fill("[name=wishes_close_on]", (today + timedelta(days=10)).isoformat())
    page.fill("[name=publish_on]", (today + timedelta(days=12)).isoformat())
    boxes = page.locator("[name=mondays]")
    values = [boxes.nth(i).get_attribute("value") or "" for i in range(boxes.count())]
    road.mondays = [value for value in values if value > (today + timedelta(days=14)).isoformat()][:2]
    for monday in road.mondays:
        page.check(f"[name=mondays][value='{monday}']")
    camille.check()
    camille.follow("Enregistrer la campagne")
    camille.check()


def coordinator_opens_a_school(road: Road) -> None:
    camille = road.somebody("coordinator")
    camille.goto("/colleges")
    camille.check()
    camille.follow(re.compile("Ajouter un collège"))
    page = camille.page
    page.fill("[name=uai]", "0622795B")
    page.fill("[name=name]", "Collège François Rabelais")
    page.fill("[name=postcode]", "62110")
    page.select_option("[name=commune_id]", label="Hénin-Beaumont")
    page.get_by_label("Public", exact=True).check()
    camille.check()
    camille.follow("Enregistrer le collège")
    camille.check()
    school = page.url
    for name, address, role in (
        ("Sophie Kaczmarek", "sophie@college.example", "teacher"),
        ("Paul Vasseur", "paul@college.example", "head"),
    ):
        page.goto(f"{school}/inviter")
        page.fill("[name=name]", name)
        page.fill("[name=email]", address)
        page.check(f"[name=role][value={role}]")
        camille.check()
        camille.follow("Envoyer l’invitation")


def head_chooses_the_weeks(road: Road) -> None:
    paul = road.arrive("head", "paul@college.example")
    paul.check("head")
    paul.follow(re.compile("semaines", re.I))
    for monday in road.mondays:
        paul.page.check(f"[name=weeks][value='{monday}']")
    paul.check()
    paul.follow("Enregistrer les semaines")


def host_registers_and_writes_an_offer(road: Road) -> None:
    host = road.somebody("host")
    host.goto("/structures/inscription")
    page = host.page
    code = siren(7)
    page.fill("[name=name]", "Vélos du Terril")
    page.fill("[name=siret]", "12345")
    host.follow("Inscrire la structure")
    host.check()
    assert page.input_value("[name=name]") == "Vélos du Terril"
    page.fill("[name=siret]", siret(code))
    page.select_option("[name=kind]", "ressourcerie")
    page.select_option("[name=family]", "association")
    page.select_option("[name=legal_form]", "9220")
    page.fill("[name=ess_sentence]", "Chez nous, les bénévoles et les salariés décident ensemble.")
    page.fill("[name=address]", "3 rue du Carreau")
    page.select_option("[name=commune_id]", label="Hénin-Beaumont")
    for name, value in {
        "contact_name": "Karim Lefebvre",
        "job_title": "directeur",
        "email": "karim@velos.example",
        "phone": "03 53 01 00 01",
        "password": PHRASE,
    }.items():
        page.fill(f"[name={name}]", value)
    host.follow("Inscrire la structure")
    host.check()
    camille = road.somebody("coordinator")
    camille.goto("/structures")
    camille.follow("Vélos du Terril")
    camille.check()
    camille.follow("Vérifier la structure")
    _write_offer(road, host)
    camille.goto("/offres")
    camille.follow(re.compile("Redonner vie aux vélos"))
    camille.check()
    camille.follow("Publier l’offre")


def _write_offer(road: Road, host: Visitor) -> None:
    page = host.page
    host.goto("/connexion/adresse").fill("[name=email]", "karim@velos.example")
    page.fill("[name=password]", PHRASE)
    host.follow("Se connecter")
    host.goto("/offres/nouvelle")
    page.fill("[name=title]", "Redonner vie aux vélos")
    host.follow("Envoyer à la coordination")
    host.check()
    assert page.input_value("[name=title]") == "Redonner vie aux vélos"
    page.fill(
        "[name=description]",
        "Lundi, tu découvres l’atelier. Puis tu démontes un vélo donné, tu nettoies chaque pièce et tu la remontes.",
    )
    page.select_option("[name=sector]", "REEMPLOI_DECHETS")
    occupation = page.locator("[name^=occupations]").first
    occupation.fill("vélo")
    page.get_by_role("option", name=re.compile("Mécanicien")).first.click()
    for i, _monday in enumerate(road.mondays):
        page.locator("[name^=places]").nth(i).fill("1")
    level = page.locator("[name=levels][value='3e']")
    if not level.is_checked():
        level.check()
    page.fill("[name=tutor_name]", "Yanis Delcroix")
    page.check("[name=conditions][value=manuel]")
    page.check("[name=acknowledged]")
    host.check()
    host.follow("Envoyer à la coordination")
    host.check("host")


def teacher_brings_the_class(road: Road) -> None:
    sophie = road.arrive("teacher", "sophie@college.example")
    sophie.check()
    sophie.follow(re.compile("Créer une classe|Ajouter une classe"))
    page = sophie.page
    page.fill("[name=name]", "3A")
    page.get_by_label("3e", exact=True).check()
    sophie.check()
    sophie.follow("Créer la classe")
    page.fill("[name=names]", CLASS_LIST)
    sophie.check()
    sophie.follow("Vérifier la liste")
    sophie.check()
    sophie.follow("Ajouter et imprimer les cartes")
    sophie.check()
    cards = page.locator(".access-card")
    for i in range(cards.count()):
        first = cards.nth(i).locator(".access-card__name").inner_text().split()[0]
        class_code, personal_code = cards.nth(i).locator("strong").all_inner_texts()
        road.class_code, road.codes[first] = class_code, personal_code
    assert set(road.codes) == {"Lina", "Enzo", "Inès"}
    sophie.goto("/mes-classes")
    sophie.check()
    sophie.follow(re.compile("3A"))
    sophie.check("teacher")
    sophie.follow(re.compile("Lina"))
    sophie.check()


def students_say_what_they_like(road: Road) -> None:
    for first in ("Lina", "Enzo"):
        student = road.somebody(first)
        page = student.goto("/connexion")
        page.fill("[name=class_code]", road.class_code)
        page.fill("[name=personal_code]", road.codes[first].lower())
        student.follow("Entrer")
        student.check()
        student.goto("/mes-envies")
        page.check("[name=interests][value='1']")
        page.check("[name=interests][value='22']")
        page.fill("[name=text]", "j'aime bricoler mon velo et reparer des trucs")
        student.check("student-interests")
        student.follow("Continuer")
        page.check("[name=likes][value=manuel]")
        student.check()
        student.follow("Continuer")
        page.select_option("[name=commune_id]", label="Hénin-Beaumont")
        page.check("[name=max_km][value='10']")
        student.check()
        student.follow("Garder et voir les offres")
        student.check()
        student.goto("/les-offres")
        student.check("student-offers")
        student.follow(re.compile("Redonner vie aux vélos"))
        student.check()
        student.follow(re.compile("Ajouter à mes vœux"))
        student.goto("/mes-voeux")
        student.check()
        student.follow("Envoyer mes vœux")
        student.check("student-wishes")
        student.goto("/mon-espace")
        student.check("student")


def teacher_names_a_parent(road: Road) -> None:
    sophie = road.somebody("teacher")
    sophie.follow("Modifier le nom et la famille")
    sophie.page.fill("[name=guardian_1_name]", "Anna Wojcik")
    sophie.page.fill("[name=guardian_1_email]", "anna@famille.example")
    sophie.check()
    sophie.follow("Enregistrer la fiche")
    sophie.check()


def coordinator_runs_and_decides(road: Road) -> None:
    camille = road.somebody("coordinator")
    page = camille.goto("/affectations")
    camille.check()
    camille.follow("Lancer le calcul")
    camille.check()
    expect(page.get_by_text("Terminé").first).to_be_visible(timeout=90_000)
    camille.check("coordinator-run")
    camille.goto(page.url.split("?")[0] + "/propositions")
    camille.check("coordinator-proposals")
    camille.follow(re.compile("Approuver tous les premiers vœux"))
    camille.check()
    camille.goto("/tableau-de-bord")
    camille.check("coordinator")


def coordinator_publishes(road: Road) -> None:
    camille = road.somebody("coordinator")
    page = camille.goto("/campagne")
    camille.follow("Publier les affectations")
    camille.check()
    camille.follow("Publier et prévenir tout le monde")
    camille.check()
    page.goto(f"{road.site.url}/courriers")
    camille.check()
    page.goto(f"{road.site.url}/journal")
    camille.check()


def everybody_learns_it(road: Road) -> None:
    student = road.somebody("Lina")
    student.goto("/mon-espace")
    student.check("student-placed")
    student.goto("/mon-stage")
    assert "Vélos du Terril" in student.page.inner_text("main")
    student.check()
    parent = road.somebody("parent")
    parent.goto(road.site.link_to("anna@famille.example", "/famille/"))
    assert "Vélos du Terril" in parent.page.inner_text("main")
    parent.check("family")
    host = road.somebody("host")
    host.goto("/mes-stagiaires")
    arrivals = host.page.inner_text("main")
    assert "Lina" in arrivals
    assert "Wojcik" not in arrivals
    host.check("host-arrivals")
    assert "Lina" in road.site.mail_to("sophie@college.example", "Vélos du Terril")
    told = road.site.mail_to("karim@velos.example", "Lina")
    assert "Wojcik" not in told
    sophie = road.somebody("teacher")
    sophie.goto("/mes-classes")
    sophie.check()
    sophie.follow("3A")
    assert "Stage trouvé" in sophie.page.inner_text("main")
    sophie.follow(re.compile("lettres", re.I))
    sophie.check()


def observer_reads_figures(road: Road) -> None:
    camille = road.somebody("coordinator")
    camille.goto("/campagne")
    camille.follow("L’équipe")
    camille.follow("Inviter quelqu’un")
    camille.page.fill("[name=name]", "Nadia Roux")
    camille.page.fill("[name=email]", "nadia@financeur.example")
    camille.page.check("[name=role][value=observer]")
    camille.follow("Envoyer l’invitation")
    nadia = road.arrive("observer", "nadia@financeur.example")
    nadia.goto("/chiffres")
    text = nadia.page.inner_text("main")
    assert "Lina" not in text
    nadia.check("observer")


def coordinator_moves(action: str) -> Stage:
    """The stage in which the coordinator takes the campaign to its next phase."""

    def stage(road: Road) -> None:
        camille = road.somebody("coordinator")
        camille.goto("/campagne")
        camille.page.locator(f"form:has([name=action][value={action}]) button").click()
        camille.check()

    return stage


ROAD: tuple[Stage, ...] = (
    administrator_opens_the_territory,
    coordinator_prepares_the_campaign,
    coordinator_opens_a_school,
    head_chooses_the_weeks,
    host_registers_and_writes_an_offer,
    coordinator_moves("open_wishes"),
    teacher_brings_the_class,
    students_say_what_they_like,
    teacher_names_a_parent,
    coordinator_moves("close_wishes"),
    coordinator_runs_and_decides,
    coordinator_publishes,
    everybody_learns_it,
    observer_reads_figures,
)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_the_whole_road(empty_site: Site, meet: Meet, screen: str) -> None:
    Road(empty_site, meet, screen).walk(ROAD)
