"""The sentences of `data/*.toml` for `pybabel extract` (see babel.cfg): they are translated like any other text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import IO, Any


def sentences(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """(line, function, message, comments) of each sentence, as Babel asks; of its arguments only the file matters."""
    text = file.read().decode("utf-8")
    lines = text.splitlines()
    content: Mapping[str, Any] = tomllib.loads(text)
    for rule in content.get("rule", ()):
        for name, case in rule["cases"].items():
            sentence = case["sentence"]
            line = next((n for n, written in enumerate(lines, 1) if sentence in written), 1)
            yield line, "gettext", sentence, [f"{rule['id']} {name}"]
