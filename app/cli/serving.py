"""`flask worker` and `flask serve`: the processes of a running site.

`python -m app.cli.serving` is `flask serve` without loading the application a third time.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 15.0
_RESTART_DELAYS = (0.5, 1, 2, 5, 10)


@click.command("worker")
@pass_script_info
def worker(info: ScriptInfo) -> None:
    """Répare ce qu’un arrêt brutal a laissé, puis exécute les tâches de fond."""
    app: Flask = info.load_app()
    queue = app.extensions["jobs"]
    queue.recover()
    # One worker: SQLite has one writer. A click must not wait long for its job: at most a second between two looks.
    queue.huey.create_consumer(workers=1, periodic=True, max_delay=1.0, check_worker_health=True).run()


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processus web, de huit fils chacun.")
@click.option("--demo", is_flag=True, help="Bandeau « données de démonstration ».")
def serve(host: str, port: int, workers: int, demo: bool) -> None:
    """Sert le site et ses tâches de fond, ensemble, jusqu’à Ctrl-C."""
    problem = _port_problem(host, port)
    if problem:
        raise click.ClickException(problem)
    environment = {**os.environ, "PASSERELLE_PUBLIC_URL": os.environ.get("PASSERELLE_PUBLIC_URL", _url(host, port))}
    if demo:
        environment["PASSERELLE_DEMO"] = "1"
    web = [
        *(sys.executable, "-m", "gunicorn", "app.wsgi:application", "--bind", f"{host}:{port}"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", "8", "--log-level", "warning"),
    ]
    jobs = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    raise SystemExit(Supervisor(web, jobs, environment).run())


def _url(host: str, port: int) -> str:
    return f"http://{host}:{port}"


def _port_problem(host: str, port: int) -> str | None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Le port {port} n’est pas libre ({error.strerror}). Choisissez-en un autre avec --port."
    return None


class Supervisor:
    """A web server and a worker, kept together: a dead worker is started again, a dead web server ends all."""

    def __init__(self, web: list[str], jobs: list[str], environment: dict[str, str]) -> None:
        self._web_command, self._jobs_command, self._environment = web, jobs, environment
        self._stopping = False
        self._deaths = 0

    def run(self) -> int:
        """Block until a signal or the death of the web server; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        jobs, web = self._start(self._jobs_command), self._start(self._web_command)
        try:
            while not self._stopping and web.poll() is None:
                if jobs.poll() is not None:
                    jobs = self._revive(jobs.returncode)
                time.sleep(_POLL_SECONDS)
            return 0 if self._stopping else web.returncode or 1
        finally:
            _end(web, jobs)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            command,
            env=self._environment,
            preexec_fn=_die_with_parent,  # safe: the supervisor has a single thread
        )

    def _revive(self, code: int) -> subprocess.Popen[bytes]:
        delay = _RESTART_DELAYS[min(self._deaths, len(_RESTART_DELAYS) - 1)]
        self._deaths += 1
        click.echo(f"Le traitement de fond s’est arrêté (code {code}) : il redémarre.", err=True)
        time.sleep(delay)
        return self._start(self._jobs_command)


def _die_with_parent() -> None:
    """On Linux, a supervisor killed outright takes its processes along instead of leaving them on the port."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _end(*processes: subprocess.Popen[bytes]) -> None:
    """Ask each to stop, and insist when one does not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    serve()
