"""A real SMTP server in a thread, which notes what it accepts and can be told to refuse."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """`answers`: what to say to the next messages, in order; then "250 OK" for ever."""

    accepted: list[Message] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    port: int = 0

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name for the hook
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused_recipients:
            return self.refused_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        await asyncio.sleep(self.pause)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.accepted.append(message_from_bytes(envelope.content))
        return answer

    def times_accepted(self) -> Counter[str]:
        """How many times each Message-ID (without its brackets) was accepted."""
        return Counter(message["Message-ID"].strip("<>") for message in self.accepted)


@contextmanager
def serving() -> Iterator[Mailbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    mailbox = Mailbox(port=port)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
