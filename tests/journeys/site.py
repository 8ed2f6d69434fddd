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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Site:
    """`start()`, `stop()`, `kill()`; mails land as files in `instance/mail` and are read by `mail_to`."""

    instance: Path
    database_url: str
    port: int = field(default_factory=free_port)
    demo: bool = False
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
        )

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

    def start(self, *, worker: bool = True) -> None:
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

    def mails(self) -> list[email.message.EmailMessage]:
        folder = self.instance / "mail"
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[arg-type]
            for path in files
        ]

    def mail_to(self, address: str, containing: str = "", seconds: float = 90) -> str:
        """The plain text of the latest mail to `address` that holds `containing`; waits for the worker."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.mails()):
                body = message.get_body(("plain",))
                text = body.get_content() if body else ""
                if address in str(message["To"]) and containing in text:
                    return str(text)
            time.sleep(0.3)
        raise AssertionError(f"no mail to {address} with {containing!r}\n{self.log()}")

    def link_to(self, address: str, path: str) -> str:
        """The link whose path begins with `path` in the latest mail to `address`."""
        found = re.search(rf"{re.escape(self.url)}{re.escape(path)}\S+", self.mail_to(address, path))
        assert found is not None
        return found[0]
