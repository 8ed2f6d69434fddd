"""Two ways out of the house: an SMTP server spoken to step by step, or a folder of .eml files for development."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol

from app.settings import Settings

TIMEOUT_SECONDS = 30
_LEADING_DOT = re.compile(rb"(?m)^\.")


class Refused(Exception):
    """The server said no. `permanent` when it will say no again."""

    def __init__(self, answer: str, *, permanent: bool) -> None:
        super().__init__(answer)
        self.permanent = permanent


class Unreachable(Exception):
    """No connection, and nothing was accepted."""


class NoAnswer(Exception):
    """The whole message is with the server, which did not say whether it accepts it."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed message, detached from the database: no transaction is open while the network is spoken to."""

    id: int
    claim: int
    message_id: str
    to_email: str
    to_name: str
    subject: str
    text: str
    html: str
    created_at: datetime


class Transport(Protocol):
    def open(self) -> None:
        """Raises `Unreachable`."""

    def send(self, parcel: Parcel, before_commitment: Callable[[], None]) -> None:
        """Raises `Refused`, `Unreachable` or `NoAnswer`; calls `before_commitment` at the last moment before the
        message may be accepted, and lets what it raises pass."""

    def abandon(self) -> None:
        """Drop the message being sent."""

    def close(self) -> None: ...


def mime(parcel: Parcel, sender: str) -> EmailMessage:
    """The message as it travels: text and HTML alternatives, its own identifier, marked as sent by a machine."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    try:
        message["To"] = Address(parcel.to_name, addr_spec=parcel.to_email)
        message["Subject"] = parcel.subject
    except (ValueError, IndexError, MessageError) as error:  # the header parser's ways of refusing
        raise Refused(f"Adresse inutilisable : {parcel.to_email}", permanent=True) from error
    message["Date"] = format_datetime(parcel.created_at)
    message["Message-ID"] = f"<{parcel.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(parcel.text)
    message.add_alternative(parcel.html, subtype="html")
    return message


class Folder:
    """Writes `<message id>.eml`, whole or not at all; writing the same message again changes nothing."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    def open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)

    def send(self, parcel: Parcel, before_commitment: Callable[[], None]) -> None:
        content = mime(parcel, self._sender).as_bytes()
        draft = self._folder / f".{parcel.message_id}.{os.getpid()}.part"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / f"{parcel.message_id}.eml")

    def abandon(self) -> None: ...

    def close(self) -> None: ...


class Smtp:
    """One connection for many messages. Each command is its own step, so that the state can be stored in between."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sender = settings.mail_from
        self._connection: smtplib.SMTP | None = None

    def open(self) -> None:
        settings = self._settings
        try:
            connection = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"Le serveur de courrier ne répond pas ({type(error).__name__}).") from error
        try:
            connection.ehlo_or_helo_if_needed()
            if settings.smtp_starttls:
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if settings.smtp_user and settings.smtp_password:
                connection.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            raise Unreachable(f"Le serveur de courrier refuse la connexion ({type(error).__name__}).") from error
        self._connection = connection

    def send(self, parcel: Parcel, before_commitment: Callable[[], None]) -> None:
        body = mime(parcel, self._sender).as_bytes()
        if self._connection is None:
            self.open()
        connection = self._connection
        assert connection is not None
        try:
            options = () if parcel.to_email.isascii() else ("SMTPUTF8",)
            if options and not connection.has_extn("smtputf8"):
                raise Refused("Le serveur n’accepte pas cette adresse accentuée.", permanent=True)
            self._expect(250, connection.mail(parseaddr(self._sender)[1], options))
            self._expect(250, connection.rcpt(parcel.to_email))
            self._expect(354, connection.docmd("DATA"))
            connection.send(_LEADING_DOT.sub(b"..", body))
            before_commitment()
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.abandon()
            raise Unreachable(f"La connexion s’est coupée ({type(error).__name__}).") from error
        try:
            connection.send(b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
            answer = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            raise NoAnswer("Le serveur a reçu le message sans dire s’il l’accepte.") from error
        self._expect(250, answer)

    def _expect(self, code: int, answer: tuple[int, bytes]) -> None:
        got, words = answer
        if got == code or (code == 250 and got == 251):
            return
        if got == -1:
            raise smtplib.SMTPServerDisconnected("no code")
        self._reset(got)
        raise Refused(f"{got} {words.decode('utf-8', 'replace')}", permanent=got >= 500)

    def _reset(self, code: int) -> None:
        """Make the connection ready for the next message; 421 says that the server is closing it."""
        assert self._connection is not None
        try:
            if code == 421:
                raise smtplib.SMTPServerDisconnected("421")
            self._connection.rset()
        except (OSError, smtplib.SMTPException):
            self.abandon()

    def abandon(self) -> None:
        """Cut the line: without its final dot the server drops the message."""
        if self._connection is not None:
            if self._connection.sock is not None:
                # An orderly close could be read as the end of the message by a sloppy server; a reset cannot.
                self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (OSError, smtplib.SMTPException):
                self._connection.close()
            self._connection = None
