"""The forms in which a text is written by services, SDKs and Python: quoted, in a URL, in XML, in base64. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORT, _WORD, _LINE = 4, 8, 8
_SLASHES = r"\\{1,8}"
"""Each JSON text inside another doubles them."""
_PIECE = re.compile(r"[\r\n]+|\\+|.", re.DOTALL)
_LINE_END = r"(?:\s|\\{1,8}[rn]|%(?:25){0,2}0[AaDd]|&#(?:x[AaDd]|1[03]);)*"
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_LETTERS = {"\t": "t", "\b": "b", "\f": "f"}
_ESCAPES = (
    "%[0-9A-Fa-f]{2}", "%25[0-9A-Fa-f]{2}", r"\\[a-z]", r"\\x[0-9a-f]{2}", r"\\u[0-9a-f]{4}", r"\\U[0-9a-f]{8}",
)  # fmt: skip
_BEGINS = rf"(?:(?<!\w)|{'|'.join(f'(?<={escape})' for escape in _ESCAPES)})"
"""No letter stands before a word, unless it is that of an escape."""


def forms(value: str) -> Iterator[str]:
    """Yield patterns that find a value however it is written, the longest first.

    White space around it is often cut off, and line ends are often changed. One of less than four characters is found
    only where it stands alone, one of up to eight only where it is a word.
    """
    plain = value.strip()
    for text in (plain, *_lines(plain)):
        yield _as_word(text, "".join(map(_written, _PIECE.findall(text))))
    for data in {value, plain}:
        if len(data) >= _SHORT:
            yield from map(re.escape, _base64(_bytes(data)))


def _lines(text: str) -> list[str]:
    """Give the long lines of a text that has several, as those of a key: each may be told alone."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if len(line) >= _LINE] if len(lines) > 1 else []


def _as_word(text: str, pattern: str) -> str:
    """Let a short one be no part of a word, and one of a few characters stand beside none."""
    if len(text) > _WORD:
        return pattern
    alone = len(text) < _SHORT
    begins = _BEGINS if alone or re.match(r"\w", text) else ""
    ends = r"(?!\w)" if alone or re.search(r"\w$", text) else ""
    return f"{begins}{pattern}{ends}"


def _written(piece: str) -> str:
    """Give a pattern for one character, a run of backslashes or a line end."""
    if piece[0] in "\r\n":
        return _LINE_END
    if piece[0] == "\\":
        return rf"(?:\\{{{len(piece)},{len(piece) * 8}}}|(?:%(?:25){{0,2}}5[Cc]){{{len(piece)}}})"
    if piece.isascii() and (piece.isalnum() or piece in "_-.~"):  # nobody writes these in another way
        return re.escape(piece)
    return f"(?i:{'|'.join(_escapes(piece))})"


def _escapes(char: str) -> Iterator[str]:
    code, data = ord(char), _bytes(char)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    yield (r"\\{0,8}" if char in "\"'/" else "") + re.escape(char)
    yield "".join(rf"%(?:25){{0,2}}{byte:02x}" for byte in data)
    yield "".join(f"{_SLASHES}u{units[at : at + 4]}" for at in range(0, len(units), 4))
    yield "".join(f"{_SLASHES}x{byte:02x}" for byte in data)
    yield f"{_SLASHES}(?:x{code:02x}|U{code:08x})"
    yield f"&#(?:0*{code}|x0*{code:x});"
    if char in _NAMED:
        yield f"&(?:amp;){{0,2}}{_NAMED[char]};"
    if char in _LETTERS:
        yield f"{_SLASHES}{_LETTERS[char]}"
    if char == " ":
        yield r"\+"


def _base64(data: bytes) -> Iterator[str]:
    """Yield the base64 of it, and of it inside a longer text: at three places, without what it shares with others."""
    from base64 import b64encode, urlsafe_b64encode  # noqa: PLC0415 - only a message that may hold a secret needs it

    for encode in (b64encode, urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        for offset in range(3):
            text = encode(bytes(offset) + data).decode().rstrip("=")
            first, last = (0, 2, 3)[offset], (len(data) + offset) * 8 // 6
            if last - first > _SHORT:
                yield text[first:last]


def _bytes(value: str) -> bytes:
    """Give its bytes, also where it is no Unicode: in the environment and out of a JSON escape, nothing keeps it so."""
    try:
        return value.encode(errors="surrogateescape")  # how Python reads the environment
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")
