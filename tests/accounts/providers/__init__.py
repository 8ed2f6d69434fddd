"""Real identity providers on localhost, each in its own process, and somebody with a plain HTTP client who signs in."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urljoin

import lxml.html
import requests

from app.settings import IdentityProvider

ROOT = Path(__file__).resolve().parents[3]
SECRET = "a secret of the tests, forty signs or more"

PUPILS = {
    "lina": {"name": "Lina W.", "ent_id": "PU-1", "ent_profil": "eleve"},
    "enzo": {"name": "Enzo D.", "ent_id": "PU-2", "ent_profil": "eleve"},
    "sophie": {
        "name": "Sophie Martin",
        "email": "teacher1@passerelle.example",
        "email_verified": True,
        "ent_profil": "enseignant",
    },
    "mallory": {"name": "Mallory", "email": "teacher1@passerelle.example", "email_verified": False},
    "camille": {"name": "Camille", "email": "coordinator1@passerelle.example", "email_verified": True},
    "nouveau": {
        "name": "Noël Nouveau",
        "email": "Noel.Nouveau@college.example",
        "email_verified": True,
        "ent_profil": "enseignant",
        "ent_uai": ["UAI:0629999z", "0620000a"],
    },
}
STAFF = {
    "karim": {"name": "Karim Lefebvre", "email": "host1@passerelle.example"},
    "camille": {"name": "Camille Dubois", "email": "coordinator1@passerelle.example"},
    "strong-camille": {"name": "Camille Dubois", "email": "coordinator1@passerelle.example"},
    "unverified-karim": {"name": "Karim", "email": "host1@passerelle.example"},
    "inconnue": {"name": "Inconnue", "email": "inconnue@ailleurs.example"},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def node() -> str | None:
    """Node with the provider's package, or None."""
    found = shutil.which("node")
    return found if found and (ROOT / "node_modules" / "oidc-provider").exists() else None


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                log.seek(0)
                raise AssertionError(f"{command[:3]} did not start\n{log.read().decode()[-3000:]}")
            yield
        finally:
            process.terminate()
            process.wait(20)


@dataclass
class Ended:
    """Where a provider says, behind people's backs, that somebody has left it."""

    url: str
    posts: Queue[tuple[str, bytes]]

    def next(self) -> tuple[str, bytes]:
        """(path, body) of the oldest post not taken yet; waits for it."""
        return self.posts.get(timeout=20)


@contextmanager
def listening() -> Iterator[Ended]:
    ended = Ended(f"http://127.0.0.1:{free_port()}", Queue())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            ended.posts.put((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", int(ended.url.rpartition(":")[2])), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield ended
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def portal(site: str = "http://127.0.0.1:5000", ends_at: str = "", **settings: Any) -> Iterator[IdentityProvider]:
    """A school's portal (panva's oidc-provider), as the site at that address is configured for it."""
    port = free_port()
    client = {
        "client_id": "passerelle",
        "client_secret": SECRET,
        "redirect_uris": [f"{site}/connexion/retour/ent"],
        "post_logout_redirect_uris": [f"{site}/"],
        "backchannel_logout_uri": f"{ends_at or site}/connexion/fin/ent",
        "backchannel_logout_session_required": False,
    }
    wanted = json.dumps({"port": port, "client": client, "people": PUPILS})
    script = str(Path(__file__).with_name("portal.mjs"))
    with _running([node() or "node", script, wanted], port):
        yield IdentityProvider(
            id="ent",
            label="ENT Hauts-de-France",
            issuer=f"http://127.0.0.1:{port}",
            client_id="passerelle",
            client_secret=SECRET,  # type: ignore[arg-type]  # as the environment gives it
            audience="school",
            scope="openid profile email ent",
            identifier_claim="ent_id",
            **settings,
        )


@contextmanager
def agency(folder: Path, site: str = "http://127.0.0.1:5000", **settings: Any) -> Iterator[IdentityProvider]:
    """A provider for professionals (Django OAuth Toolkit)."""
    port = free_port()
    client = {
        "client_id": "passerelle-pro",
        "client_secret": SECRET,
        "redirect_uri": f"{site}/connexion/retour/pro",
        "back": f"{site}/",
    }
    wanted = json.dumps({"port": port, "folder": str(folder), "client": client, "people": STAFF})
    with _running([sys.executable, "-m", "tests.accounts.providers.agency", wanted], port):
        yield IdentityProvider(
            id="pro",
            label="Agence Connect",
            issuer=f"http://127.0.0.1:{port}",
            client_id="passerelle-pro",
            client_secret=SECRET,  # type: ignore[arg-type]  # as the environment gives it
            audience="professional",
            **settings,
        )


@dataclass
class Somebody:
    """A person with a browser at the provider's, who types a login and says yes to what is asked."""

    login: str

    def __post_init__(self) -> None:
        self.browser = requests.Session()

    def come_back(self, url: str, until: str, *, agree: bool = True) -> str:
        """Walk from the provider's `url` to the first address that begins with `until`, which is not asked for."""
        answer = self.browser.get(url, allow_redirects=False, timeout=10)
        for _ in range(15):
            if answer.is_redirect:
                url = urljoin(answer.url, answer.headers["Location"])
                if url.startswith(until):
                    return url
                answer = self.browser.get(url, allow_redirects=False, timeout=10)
                continue
            assert answer.status_code == 200, answer.text[:500]
            answer = self._send(answer, agree)
        raise AssertionError(f"never came back: {answer.url}")

    def _send(self, answer: requests.Response, agree: bool) -> requests.Response:
        page = lxml.html.fromstring(answer.text)
        page.make_links_absolute(answer.url)
        if not agree and (refusal := page.xpath("//a[contains(@href, '/abort')]/@href")):
            return self.browser.get(str(refusal[0]), allow_redirects=False, timeout=10)
        form = page.forms[0]
        values = {name: value or "" for name, value in form.form_values()}
        for name in form.fields:
            if name in {"login", "username"}:
                values[name] = self.login
            elif name == "password":
                values[name] = "motdepasse"
        if agree and form.xpath(".//*[@name='allow']"):
            values["allow"] = "Authorize"
        if agree and page.xpath("//*[@name='logout']"):
            values["logout"] = "yes"
        return self.browser.post(
            form.action or answer.url, data=values, headers={"Referer": answer.url}, allow_redirects=False, timeout=10
        )
