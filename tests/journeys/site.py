"""A whole site of our own: an empty migrated database, a web server and a worker, in processes that can be killed."""

from __future__ import annotations

import email
import email.policy
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from app.accounts import totp
from tests.messaging.mailbox import Mailbox

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


@dataclass
class Telephone:
    """An authenticator application: gives each of its codes once, as its owner does."""

    secret: str
    last: int = 0

    def code(self, moment: datetime) -> str:
        """The oldest code which a site at this moment still accepts and which was not given yet."""
        self.last = max(self.last + 1, totp.step_at(moment) - 1)
        return totp.code_at(self.secret, self.last)


@dataclass
class Site:
    """`start()`, `stop()`, `kill()`; mails are read by `mail_to`.

    They land as files in `instance/mail`, or in `box` (a real SMTP server) when there is one. `moment`: what the
    clock of the site's processes says when they start; it then goes on.
    """

    instance: Path
    database_url: str
    port: int = field(default_factory=free_port)
    demo: bool = False
    box: Mailbox | None = None
    moment: datetime | None = None
    telephones: dict[str, Telephone] = field(default_factory=dict)  # by e-mail address
    _started: float = 0.0
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return (
            os.environ
            | {
                "FLASK_APP": "app.wsgi",
                "PASSERELLE_ENVIRONMENT": "development",
                "PASSERELLE_INSTANCE": str(self.instance),
                "PASSERELLE_DATABASE_URL": self.database_url,
                "PASSERELLE_PUBLIC_URL": self.url,
                "PASSERELLE_MAIL": "folder",
                "PASSERELLE_GROUP_MAILS": "0",  # the road is walked in minutes
                "PASSERELLE_TILES_URL": "",
                "PASSERELLE_DEMO": "1" if self.demo else "0",
            }
            | self._mailing
        )

    @property
    def _mailing(self) -> dict[str, str]:
        if self.box is None:
            return {}
        return {
            "PASSERELLE_MAIL": "smtp",
            "PASSERELLE_SMTP_HOST": "127.0.0.1",
            "PASSERELLE_SMTP_PORT": str(self.box.port),
        }

    def flask(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"flask {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _spawn(self, *command: str) -> None:
        if self.moment is not None:
            command = ("tests.journeys.moved", self.moment.isoformat(), *command)
        log = (self.instance / "site.log").open("ab")
        self._processes.append(
            subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )
        log.close()

    def now(self) -> datetime:
        """What the clock of the site's processes says."""
        if self.moment is None:
            return datetime.now(UTC)
        return self.moment + timedelta(seconds=time.monotonic() - self._started)

    def start(self, *, worker: bool = True) -> None:
        self._started = time.monotonic()
        self._spawn(
            "gunicorn", "-b", f"127.0.0.1:{self.port}", "-k", "gthread", "--threads", "6", "app.wsgi:application"
        )
        if worker:
            self._spawn("flask", "worker")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.log())

    def kill(self, sign: int = signal.SIGKILL) -> None:
        """End every process of the site at once, children included."""
        for process in self._processes:
            try:
                os.killpg(process.pid, sign)
            except ProcessLookupError:
                continue
        for process in self._processes:
            process.wait(20)
        self._processes.clear()

    def stop(self) -> None:
        self.kill(signal.SIGTERM)

    def log(self) -> str:
        return (self.instance / "site.log").read_text(errors="replace")[-4000:]

    def mails(self) -> list[EmailMessage]:
        """Every mail so far, the oldest first."""
        if self.box is not None:
            return [_parsed(message.as_bytes()) for message in self.box.accepted]
        folder = self.instance / "mail"
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
        return [_parsed(path.read_bytes()) for path in files]

    def mail_to(self, address: str, containing: str = "", seconds: float = 90, *, pattern: str = "") -> str:
        """The plain text of the latest mail to `address` that holds `containing` (and where `pattern` is found).

        Waits for the worker.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.mails()):
                body = message.get_body(("plain",))
                text = body.get_content() if body else ""
                if address in str(message["To"]) and containing in text and re.search(pattern, text):
                    return str(text)
            time.sleep(0.3)
        raise AssertionError(f"no mail to {address} with {containing!r}\n{self.log()}")

    def link_to(self, address: str, path: str, containing: str = "") -> str:
        """The link whose path begins with `path` in the latest mail to `address` (that also holds `containing`)."""
        text = self.mail_to(address, containing or path)
        found = re.search(rf"{re.escape(self.url)}{re.escape(path)}\S+", text)
        assert found is not None, text
        return found[0]

    def code_to(self, address: str) -> str:
        """The six digits of the latest mail to `address` that has some."""
        found = re.search(r"(\d{3}) (\d{3})\b", self.mail_to(address, pattern=r"\b\d{3} \d{3}\b"))
        assert found is not None
        return found[1] + found[2]
