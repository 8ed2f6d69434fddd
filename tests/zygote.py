"""Workers that tests kill. A process imports everything once, then forks a worker for each line it reads.

A line is "point port folder url". A point that is a number kills the worker from outside after so many seconds; any
other names where it kills itself. The worker's exit status is printed back (-9: killed).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app import create_app
from app.settings import ROOT, Settings


def serve(work: Callable[[Flask, str], None]) -> None:
    """The loop of the process: `work(app, point)` runs in the worker."""
    apps: dict[str, Flask] = {}
    for line in sys.stdin:
        point, port, folder, url = line.strip().split(" ", 3)
        if url not in apps:
            # Made once, and without touching the database: each worker opens its own connections.
            settings = Settings(
                environment="test", instance=Path(folder), database_url=url, jobs="off", mail="smtp", smtp_port=port
            )
            apps[url] = create_app(settings)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(apps[url], point)
                status = 0
            finally:
                os._exit(status)
        if point.replace(".", "").isdigit():
            time.sleep(float(point))
            os.kill(child, signal.SIGKILL)  # a child not yet waited for keeps its number, dead or alive
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class Workers:
    """The test's end of the process; `on` says with which application the workers work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._place = ""

    def on(self, app: Flask, port: int = 1) -> Workers:
        settings: Settings = app.config["SETTINGS"]
        self._place = f"{port} {settings.instance} {settings.database_url}"
        return self

    def run(self, point: str | float = "-") -> int:
        """One worker from start to end; returns its exit status."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        what = point if isinstance(point, str) else format(point, ".4f")
        self._process.stdin.write(f"{what} {self._place}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def workers(module: str) -> Iterator[Workers]:
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Workers(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)
