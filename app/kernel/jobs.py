"""Background work. The truth is a state in the database; a job only triggers an idempotent verb (see docs/adr)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from huey import Huey, SqliteHuey, crontab

from app.kernel.database import after_commit, db

Job = Callable[..., None]


class Jobs:
    """Named jobs, bound to a Huey queue at start-up. SQLite file by default; immediate in tests."""

    def __init__(self) -> None:
        self._functions: dict[str, Job] = {}
        self._periodic: dict[str, Job] = {}
        self._recoveries: list[Callable[[], None]] = []

    def task(self, function: Job) -> Job:
        """Declare a job. Its arguments must be plain identifiers."""
        self._functions[f"{function.__module__}.{function.__name__}"] = function
        return function

    def every_minute(self, function: Job) -> Job:
        self._periodic[f"{function.__module__}.{function.__name__}"] = function
        return function

    def at_start(self, function: Callable[[], None]) -> Callable[[], None]:
        """Declare a verb which repairs what a killed worker left, run before the worker takes its first job."""
        self._recoveries.append(function)
        return function

    def init_app(self, app: Flask) -> None:
        app.extensions["jobs"] = _Queue(app, self._functions, self._periodic, self._recoveries)


class _Queue:
    def __init__(
        self,
        app: Flask,
        functions: dict[str, Job],
        periodic: dict[str, Job],
        recoveries: list[Callable[[], None]],
    ) -> None:
        settings = app.config["SETTINGS"]
        self.app = app
        self.recoveries = recoveries
        self.mode: str = settings.jobs
        self.huey: Huey = SqliteHuey("passerelle", filename=str(settings.instance / "jobs.db"))
        self._tasks = {
            name: self.huey.task(name=name.replace(".", "_"))(self._bound(f)) for name, f in functions.items()
        }
        for name, function in periodic.items():
            self.huey.periodic_task(crontab(), name=name.replace(".", "_"))(self._bound(function))

    def _bound(self, function: Job) -> Job:
        def run(*args: Any) -> None:
            with self.app.app_context():
                try:
                    function(*args)
                finally:
                    db.session.remove()

        return run

    def enqueue(self, function: Job, *args: int | str) -> None:
        task = self._tasks[f"{function.__module__}.{function.__name__}"]
        if self.mode == "queue":
            task(*args)
        elif self.mode == "inline":
            task.call_local(*args)

    def recover(self) -> None:
        with self.app.app_context():
            for recovery in self.recoveries:
                recovery()
            db.session.remove()


jobs = Jobs()


def enqueue(function: Job, *args: int | str) -> None:
    """Hand a job to the worker once the current transaction is durable."""
    from flask import current_app

    queue: _Queue = current_app.extensions["jobs"]
    after_commit(lambda: queue.enqueue(function, *args))
