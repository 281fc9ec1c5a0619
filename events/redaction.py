"""Secrets taken out of addresses and texts before they are shown, logged or sent.

Cameras are addressed in ways that no standard describes: passwords with `#`, `?`, `/` and `@` that nobody escaped, and
credentials in the query or in the path. So an address is taken apart by hand, and where it can be read in two ways,
what could be a secret in either of them is hidden.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"

_END_OF_AUTHORITY = re.compile(r"[/?#]")
# NAME:PASSWORD, in contrast to HOST:PORT and [IPv6]:PORT.
_LOGIN = re.compile(r"(?!\[)[^:@]+:(?![0-9]{0,5}$)[^@]*")
# A random name, as consoles make one for each camera: whoever knows it needs no password.
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])(?:[A-Za-z0-9]{16,}|[A-Za-z0-9_.~-]{32,})")

# Up to the last '@' before a blank, since a password may hold quotes; then up to what ends an address in a sentence.
_ADDRESS = re.compile(r"""\b[a-z][a-z0-9+.-]*://(?:[^\s"<>]*@)?[^\s"'<>]*""", re.IGNORECASE)
_PUNCTUATION = ".,:;)]}"
_NAME: Final = (
    r"(?:[\w.-]*(?:password|passwd|passphrase|secret|token|api_?key|credential)s?|pwd|loginpas|authorization|cookie)"
)
_SECRET_NAME = re.compile(rf"^{_NAME}$", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"""\b({_NAME}["']?\s*[=:]\s*["']?)((?:Bearer|Basic)\s+)?(?!\*\*\*)[^\s"',;&)}}\]]+""", re.IGNORECASE
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")


def redact(address: str) -> str:
    """The address of a camera without whatever could open it: credentials, query values, fragment, and credentials and
    random names in the path."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    head = _END_OF_AUTHORITY.split(rest, maxsplit=1)[0]
    end_of_login = rest.rfind("@")
    if end_of_login > len(head):
        # It may stand in the path or query, or behind a password with '/', '?' or '#'.
        before = rest[:end_of_login]
        is_login = _LOGIN.fullmatch(head) is not None
        if "=" in before or (("?" in before or "#" in before) and not is_login):
            return f"{scheme}{separator}{HIDDEN}"
    login = f"{HIDDEN}@" if end_of_login > 0 else ""
    return f"{scheme}{separator}{login}{_redact_place(rest[end_of_login + 1 :])}"


def redact_source(source: str) -> str:
    """A record's source: an address redacted, a file's name as it is."""
    return redact(source) if "://" in source else source


def redact_text(text: str) -> str:
    """The text with each address in it redacted, and the values of what is named as a secret hidden."""
    text = _ADDRESS.sub(_redact_match, text)
    text = _ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text)


def names_a_secret(name: str) -> bool:
    """Whether a key or field of this name holds a secret."""
    return _SECRET_NAME.match(name) is not None


def _redact_match(found: re.Match[str]) -> str:
    address = found[0].rstrip(_PUNCTUATION)
    return redact(address) + found[0][len(address) :]


def _redact_place(place: str) -> str:
    """Host, path and query."""
    place, _, _ = place.partition("#")
    place, has_query, query = place.partition("?")
    host, slash, path = place.partition("/")
    if _LOGIN.fullmatch(host):
        host = f"{host.partition(':')[0]}:{HIDDEN}"
    if "=" in host:
        return f"{host.partition('=')[0]}={HIDDEN}"
    if "=" in path:
        # Recorders: /user=NAME_password=…_channel=1; what follows the first value may be any part of the password.
        return f"{host}/{path.partition('=')[0]}={HIDDEN}"
    shown = host + slash + "/".join(map(_redact_segment, path.split("/")))
    if has_query:
        shown += "?" + "&".join(_redact_field(field) for field in query.split("&") if field)
    return shown


def _redact_segment(segment: str) -> str:
    return HIDDEN if ":" in segment or _TOKEN.fullmatch(segment) else segment


def _redact_field(field: str) -> str:
    name, _, value = field.partition("=")
    # Without a value the name may be the secret itself, and '=' the padding of its base64.
    return f"{name}={HIDDEN}" if value.strip("=") else HIDDEN
