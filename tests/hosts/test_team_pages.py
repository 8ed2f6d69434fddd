"""Pages of a team: invite, print, change, leave; what a tutor reads and may not touch."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.access.policy import Role
from app.accounts.models import User
from app.hosts.models import HostInvitation, HostMember, HostSite, MemberRole
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from tests.hosts.team_kit import colleague, shop
from tests.world import World


def base(world: World) -> str:
    return f"/structures/{world.here.organization_id}/equipe"


def tutor(app: Flask, world: World, client: FlaskClient) -> int:
    """A tutor of the only place, signed in; the membership."""
    with app.app_context():
        member = colleague(
            world.here, "awa@terril.example", MemberRole.TUTOR, db.session.get_one(HostSite, world.here.site_id)
        )
        number, user_id = member.id, member.user_id
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{user_id}:0", True
    return number


def test_from_the_invitation_to_the_first_page(app: Flask, world: World, client: FlaskClient) -> None:
    world.sign_in(client, Role.HOST)
    data = {"name": "Awa Nowak", "email": "awa@terril.example", "role": "tutor", "job_title": "encadrante"}
    assert client.post(f"{base(world)}/inviter", data=data).status_code == 303
    assert "awa@terril.example" in client.get(base(world)).text
    with app.app_context():
        mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "team_invitation")).one()
        match = re.search(r"/equipe/\S+", mail.text)
        assert match is not None
    guest = app.test_client()
    page = guest.get(match[0])
    assert "Awa Nowak" in page.text
    answer = guest.post(match[0])
    assert answer.status_code == 303
    assert "/lien/" in answer.location
    entered = guest.post(answer.location)
    assert entered.status_code == 303
    assert "Redonner vie aux vélos" in guest.get("/offres").text
    assert "a déjà servi" in guest.get(match[0]).text
    assert guest.post(match[0]).status_code == 409


def test_wrong_input_keeps_what_was_typed(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context():
        shop(world.here)
    world.sign_in(client, Role.HOST)
    typed = {"name": "Awa <script>", "email": "pas-une-adresse", "role": "tutor"}
    page = client.post(f"{base(world)}/inviter", data=typed)
    assert page.status_code == 422
    assert "Awa &lt;script&gt;" in page.text
    page = client.post(f"{base(world)}/inviter", data=typed | {"email": "awa@terril.example"})
    assert page.status_code == 422
    assert "Cochez au moins un lieu" in page.text
    page = client.post(f"{base(world)}/inviter", data=typed | {"role": "king"})
    assert page.status_code == 422
    assert "Choisissez un rôle" in page.text


def test_a_paper_is_printed_and_its_code_asks_for_a_mailbox(app: Flask, world: World, client: FlaskClient) -> None:
    world.sign_in(client, Role.HOST)
    client.post(f"{base(world)}/inviter", data={"name": "Awa Nowak", "role": "owner"})
    with app.app_context():
        number = db.session.scalars(select(HostInvitation.id)).one()
    sheet = client.post(f"{base(world)}/invitations/{number}/imprimer")
    code = re.search(r"<code>(\w{4} \w{4})</code>", sheet.text)
    assert code is not None
    guest = app.test_client()
    assert guest.post("/rejoindre", data={"code": "AAAA AAAA", "email": "awa@terril.example"}).status_code == 422
    answer = guest.post("/rejoindre", data={"code": code[1], "email": "awa@terril.example"})
    assert answer.status_code == 200
    with app.app_context():
        assert db.session.scalars(select(OutboxMessage.to_email)).all() == ["awa@terril.example"]


def test_a_tutor_reads_the_team_and_touches_nothing(app: Flask, world: World, client: FlaskClient) -> None:
    number = tutor(app, world, client)
    page = client.get(base(world)).text
    assert "Inviter un collègue" not in page
    structure = client.get("/ma-structure").text
    assert "Modifier la fiche" not in structure
    assert "Ajouter un lieu" not in structure
    for method, path in (
        ("GET", f"{base(world)}/inviter"),
        ("POST", f"{base(world)}/{number}/retirer"),
        ("GET", f"{base(world)}/{number}/acces"),
        ("GET", f"/structures/{world.here.organization_id}/modifier"),
        ("GET", f"/structures/{world.here.organization_id}/lieux/nouveau"),
        ("GET", f"/lieux/{world.here.site_id}/modifier"),
    ):
        assert client.open(path, method=method).status_code == 403, path
    assert client.get("/offres/nouvelle").status_code == 200
    assert client.post(f"{base(world)}/quitter").status_code == 303
    assert client.get(base(world)).status_code == 404


def test_the_last_owner_is_told_what_to_do(world: World, client: FlaskClient) -> None:
    world.sign_in(client, Role.HOST)
    answer = client.post(f"{base(world)}/quitter")
    assert answer.status_code == 409
    assert "Nommez d’abord" in answer.text


def test_an_owner_helps_a_tutor_and_the_coordinator_an_owner(app: Flask, world: World, client: FlaskClient) -> None:
    number = tutor(app, world, client)
    world.sign_in(client, Role.HOST)
    assert "/lien/" in client.post(f"{base(world)}/{number}/acces", data={"way": "hand"}).text
    with app.app_context():
        me = db.session.scalars(select(HostMember.id).where(HostMember.user_id == world.here.users[Role.HOST])).one()
    assert client.post(f"{base(world)}/{me}/acces", data={"way": "hand"}).status_code == 403
    world.sign_in(client, Role.COORDINATOR)
    assert "/lien/" in client.post(f"{base(world)}/{me}/acces", data={"way": "hand"}).text


def test_the_pages_cost_the_same_for_one_and_for_many(app: Flask, world: World, client: FlaskClient) -> None:
    def cost(path: str) -> int:
        statements: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([s for s in statements if s.lstrip().upper().startswith("SELECT")])

    tutor(app, world, client)
    world.sign_in(client, Role.HOST)
    client.post(f"{base(world)}/inviter", data={"name": "A", "email": "a@x.example", "role": "tutor"})
    paths = (base(world), "/ma-structure", "/offres")
    for path in paths:
        cost(path)  # what is loaded once and kept
    few = [cost(path) for path in paths]
    with app.app_context():
        place = db.session.get_one(HostSite, world.here.site_id)
        for n in range(12):
            colleague(world.here, f"p{n}@terril.example", MemberRole.TUTOR, place)
        assert len(db.session.scalars(select(User.id).where(User.role == Role.HOST)).all()) > 12
    for n in range(8):
        client.post(f"{base(world)}/inviter", data={"name": f"B{n}", "email": f"b{n}@x.example", "role": "tutor"})
    assert [cost(path) for path in paths] == few
