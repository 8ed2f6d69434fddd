"""Check, offline, that every dependency of pyproject.toml is pinned with hashes, within the range it asks for.

python -m scripts.pins
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)")
ADDRESS = re.compile(r"https?://|^--", re.MULTILINE)  # an option of pip begins its line, a hash does not


def pins(path: Path) -> dict[str, set[str]]:
    """Canonical name → pinned versions (several when they depend on the platform)."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8")):
        if match := PIN.match(block):
            if "--hash=sha256:" not in block:
                raise SystemExit(f"{path.name}: {match[1]} has no hash; run `make lock`")
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


def faults(wanted: list[str], pinned: dict[str, set[str]], name: str) -> list[str]:
    """What `wanted` asks for and `pinned` does not give."""
    result = []
    for text in wanted:
        requirement = Requirement(text)
        versions = pinned.get(canonicalize_name(requirement.name), set())
        if not versions:
            result.append(f"{name}: {requirement.name} is not pinned")
        result += [
            f"{name}: {requirement.name}=={version} is outside {requirement.specifier}"
            for version in versions
            if not requirement.specifier.contains(version, prereleases=True)
        ]
    return result


def main() -> int:
    """Print each fault; exit code for the shell."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, dev = pins(ROOT / "requirements.txt"), pins(ROOT / "requirements-dev.txt")
    found = faults(project["project"]["dependencies"], runtime, "requirements.txt")
    found += faults(
        project["project"]["dependencies"] + project["dependency-groups"]["dev"], dev, "requirements-dev.txt"
    )
    found += [
        f"{name}: {versions} here, {dev.get(name)} in requirements-dev.txt"
        for name, versions in runtime.items()
        if dev.get(name) != versions
    ]
    for file in ("requirements.txt", "requirements-dev.txt"):
        if ADDRESS.search((ROOT / file).read_text(encoding="utf-8")):
            found.append(f"{file} names an address")
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print("run `make lock`", file=sys.stderr)
        return 1
    print(f"pins: {len(runtime)} for running, {len(dev)} with the tools, all hashed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
