"""A throw-away PostgreSQL server for the tests: TEST_DATABASE_URL if given, else the machine's own binaries."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, newest version first; None when PostgreSQL is not installed."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def missing() -> str | None:
    """Why PostgreSQL tests must be skipped, or None."""
    if os.environ.get("TEST_DATABASE_URL") or binaries():
        return None
    return "no PostgreSQL: install the package `postgresql`, or set TEST_DATABASE_URL"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    folder = binaries()
    assert folder is not None
    as_root: dict[str, object] = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    place = tempfile.mkdtemp(prefix="passerelle-pg-", dir="/tmp")
    if as_root:
        shutil.chown(place, "postgres")
    data = f"{place}/data"

    def run(*command: str) -> None:
        subprocess.run(
            [str(folder / command[0]), *command[1:]],
            check=True,
            cwd=place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_root,  # type: ignore[call-overload]
        )

    run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D", data)
    options = f"-c listen_addresses='' -k {place} -c fsync=off -c max_connections=60"
    run("pg_ctl", "-w", "-D", data, "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={place}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)
