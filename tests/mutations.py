"""Files damaged as files get damaged, and worse: reproducible from a seed, for everything that reads what people drop.

Set MUTATIONS to try more of them than a run of the suite does (`make mutations` tries 10,000 of each format).
"""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

TRIED = int(os.environ.get("MUTATIONS", "80"))

HOSTILE = (
    b"",
    b"\x00",
    b'"',
    b'""",',
    b";" * 500,
    b"\n" * 300,
    b"\r",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    "é".encode("cp1252"),
    "\u202e\u200b\u00a0".encode(),
    "👩‍🚒".encode(),
    b"=HYPERLINK(1)",
    b"9" * 400,
    b"1e999",
    b"NaN",
    b"-1",
    b"0,0833333333333333",
    b"2,17003E+13",
    b"31/02/2012",
    b"00/00/0000",
    b"99999999",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>",
    b"&b;",
    b"<ELEVE>",
    b"</ELEVES>",
    b"<![CDATA[",
    b"PK\x03\x04",
    b"A" * 5_000,
)


def mutants(data: bytes, seed: str, count: int = TRIED) -> Iterator[bytes]:
    """`count` damaged copies of `data`. Archives are damaged inside as often as outside."""
    for number in range(count):
        chance = random.Random(f"{seed}:{number}")
        if data.startswith(b"PK") and chance.random() < 0.6:
            yield _inside(data, chance)
        else:
            yield _damaged(data, chance)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        data = chance.choice(_DAMAGES)(data, chance)
    return data


def _slice(data: bytes, chance: random.Random, most: int = 200) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randrange(1, most))


def _flip(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    return data[:start] + data[end:]


def _truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 5, 50)) + data[end:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(HOSTILE) + data[at:]


def _replace_field(data: bytes, chance: random.Random) -> bytes:
    separator = chance.choice((b";", b",", b"\t", b"\n", b">", b'"'))
    parts = data.split(separator)
    parts[chance.randrange(len(parts))] = chance.choice(HOSTILE)
    return separator.join(parts)


def _swap(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _recode(data: bytes, chance: random.Random) -> bytes:
    return data.decode("utf-8", errors="replace").encode(
        chance.choice(("utf-16", "utf-16-le", "cp1252", "utf-32")), "replace"
    )


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _flip,
    _cut,
    _truncate,
    _repeat,
    _insert,
    _insert,
    _replace_field,
    _replace_field,
    _swap,
    _recode,
)


def _inside(data: bytes, chance: random.Random) -> bytes:
    """One member of the archive damaged, the archive itself whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = chance.randrange(len(members))
    members[at] = (members[at][0], _damaged(members[at][1], chance))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


linux_counts_memory = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="peaks of memory are read from Linux's /proc"
)

_READER = """
import os, re, sys, tempfile
from datetime import date
from pathlib import Path
from app import create_app
from app.kernel.tabular import Unreadable
from app.settings import Settings
{imports}
instance = Path(tempfile.mkdtemp(dir=Path(sys.argv[1]).parent))
app = create_app(Settings(environment="test", instance=instance, database_url="sqlite://", jobs="off"))
for file in sorted(Path(sys.argv[1]).iterdir()):
    if reader := os.fork():
        os.waitpid(reader, 0)
        continue
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    with app.test_request_context():
        try:
            verdict = f"read {{{reading}.read}}"
        except Unreadable as refusal:
            verdict = f"refused: {{refusal}}"
    peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
    print(int(peak[1]) // 1024, "MB", file.name, verdict, sep=" · ", flush=True)
    os._exit(0)
"""


def heavy(files: Mapping[str, Callable[[], bytes]], imports: str, reading: str, folder: Path) -> list[str]:
    """A process with the whole application loaded reads each of these files: those that took it to 300 MB, and how.

    `reading` is an expression in Python whose value counts the lines it `read`; it may use `file`, a path.
    """
    for name, content in files.items():
        (folder / name).write_bytes(content())
    code = _READER.format(imports=imports, reading=reading)
    child = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=300)
    assert child.returncode == 0, child.stderr[-2_000:]
    peaks = child.stdout.splitlines()
    assert len(peaks) == len(files), child.stdout
    return [line for line in peaks if int(line.split(" · ")[0]) >= 300]
