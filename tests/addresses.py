"""Werkzeug writes, for each rule of each application, the code that builds its addresses. Here it is written once.

Each test has its own application; compiling the same seven hundred builders again was nine tenths of making it, and a
fifth of the whole suite. A builder depends on the text of its rule alone: it finds its converters through the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def remember_builders() -> None:
    """From here on, rules of the same text share their builders; those with defaults keep their own."""
    compile_builder, known = Rule._compile_builder, dict[Hashable, Builder]()

    def remembered(rule: Rule, append_unknown: bool = True) -> Builder:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]  # of the library, in tests alone
