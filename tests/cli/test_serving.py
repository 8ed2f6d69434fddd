"""`flask serve` and `flask worker`, as real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.serving import Supervisor, serve
from tests.conftest import Templates

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" if Path("/proc").exists() else True


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.serving", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PASSERELLE_INSTANCE": str(folder), "PASSERELLE_ENVIRONMENT": "development"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc, and asks Linux to end orphans")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["asked to stop", "killed outright"])
def test_serve_answers_and_leaves_nothing_behind(
    tmp_path: Path, sqlite_templates: Templates, end: signal.Signals
) -> None:
    shutil.copy(sqlite_templates.empty, tmp_path / "passerelle.db")
    port = free_port()
    with serving(tmp_path, port) as process:
        assert until(lambda: answers(port))
        children = children_of(process.pid)
        assert len(children) == 2, "gunicorn and the worker"
        process.send_signal(end)
        assert process.wait(30) == (0 if end is signal.SIGTERM else -signal.SIGKILL)
        assert until(lambda: not any(alive(pid) for pid in children), 30)
        assert not answers(port)


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_serve_says_when_the_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner().invoke(serve, ["--port", str(port)])
    assert result.exit_code == 1
    assert f"Le port {port} n’est pas libre" in result.output


def python(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(lines)]


def test_a_dead_worker_is_started_again(tmp_path: Path) -> None:
    """The worker dies at once twice; the third lives, and the web server then ends the whole."""
    births = tmp_path / "births"
    worker = python(
        "import pathlib, sys, time",
        f"file = pathlib.Path({str(births)!r})",
        "file.open('a').write('x')",
        "time.sleep(60) if len(file.read_text()) == 3 else sys.exit(7)",
    )
    web = python(
        "import pathlib, time",
        f"file = pathlib.Path({str(births)!r})",
        "deadline = time.monotonic() + 40",
        "while time.monotonic() < deadline and not (file.exists() and len(file.read_text()) == 3): time.sleep(0.1)",
    )
    supervised(web, worker, tmp_path)
    assert births.read_text() == "xxx"


def test_the_end_of_the_web_server_ends_the_worker(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    worker = python(
        "import os, pathlib, time", f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))", "time.sleep(60)"
    )
    web = python(
        "import pathlib, sys, time",
        f"file = pathlib.Path({str(pid)!r})",
        "while not (file.exists() and file.read_text()): time.sleep(0.05)",
        "sys.exit(3)",
    )
    assert supervised(web, worker, tmp_path) == 3
    assert not alive(int(pid.read_text()))


def supervised(web: list[str], worker: list[str], tmp_path: Path) -> int:
    """Run a supervisor in this process, then give the test runner its signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return Supervisor(web, worker, {**os.environ, "HOME": str(tmp_path)}).run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
