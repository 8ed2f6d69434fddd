"""What the bytes of a text file say, whatever program wrote them: marks, UTF-16 without a mark, old code pages."""

from __future__ import annotations

import codecs

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LETTERS = "éèêëàâîïôùûçÉÈÊËÀÂÎÏÔÛÇœŒ"
_PUNCTUATION = "’‘“”–—…"
# Windows, Macintosh, DOS, and the standard of BEE files: the first one wins when several read as many French letters.
_CODE_PAGES = {
    "cp1252": (_LETTERS + _PUNCTUATION).encode("cp1252"),
    "iso8859-15": _LETTERS.encode("iso8859-15"),
    "mac-roman": _LETTERS.encode("mac-roman"),
    "cp850": _LETTERS.encode("cp850", errors="ignore"),
}


def marked(data: bytes) -> tuple[str, bytes] | None:
    """The encoding that a byte-order mark, or the zeros between ASCII letters, give away, and the bytes after it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    head = data[:400]
    if len(head) >= 8:
        for zeros, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):
            if zeros.count(0) > 0.7 * len(zeros):
                return encoding, data
    return None


def code_page(data: bytes) -> str:
    """The eight-bit encoding in which most bytes above ASCII are French letters; capitals, being rarer, weigh less."""

    def weight(name: str) -> int:
        return sum(
            data.count(byte) * (2 if bytes([byte]).decode(name).islower() else 1) for byte in set(_CODE_PAGES[name])
        )

    return max(_CODE_PAGES, key=weight)


def undoubled(text: str) -> str:
    """« LÃ©a » gives « Léa »: UTF-8 read as Windows-1252 and written again. Any other text comes back as it is.

    Certain: a text that somebody meant never makes valid UTF-8 in this way.
    """
    if "Ã" not in text and "Å" not in text:
        return text
    try:
        return text.encode("cp1252", errors=_AS_IT_STANDS).decode("utf-8")
    except UnicodeError:
        return text


_AS_IT_STANDS = "as-it-stands"


def _byte_of(error: UnicodeError) -> tuple[bytes, int]:
    """The five bytes that Windows-1252 leaves without a letter, which some programs let through."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return found.encode("latin-1"), error.end


codecs.register_error(_AS_IT_STANDS, _byte_of)
