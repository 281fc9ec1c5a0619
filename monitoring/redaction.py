"""Secrets and credentials taken out of what is logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "***"
# A shorter one would be found inside ordinary words, and is no secret for long.
_MIN_SECRET_CHARACTERS = 4

_NAME = r"(?:[\w.-]*(?:password|passwd|passphrase|secret|token|api_?key|credential)s?|pwd|authorization|cookie)"
_SECRET_KEY = re.compile(rf"^{_NAME}$", re.IGNORECASE)
# A password may hold '/' or '@' unescaped, so the last '@' before a blank or a quote ends the credentials.
_CREDENTIALS = re.compile(r"""\b([a-z][a-z0-9+.-]*://)[^\s"'<>]*@""", re.IGNORECASE)
# What names a camera openly may stand in its query as well: ?user=…&auth=….
_QUERY = re.compile(r"""\b([a-z][a-z0-9+.-]*://[^\s"'<>?]*\?)([^\s"'<>]+)""", re.IGNORECASE)
_FIELD = re.compile(r"=[^&#]*")
_ASSIGNED = re.compile(rf"""\b({_NAME}["']?\s*[=:]\s*["']?)((?:Bearer|Basic)\s+)?[^\s"',;&)}}\]]+""", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")


class Redaction:
    """A structlog processor: values of keys that name a secret, credentials in any address, and the known secrets.

    secrets: texts that must not be seen wherever they stand, as those of the settings.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one may begin as another does.
        known = sorted({secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARACTERS}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(name, value) for name, value in event.items()}

    def text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _CREDENTIALS.sub(rf"\1{HIDDEN}@", text)
        text = _QUERY.sub(lambda found: found[1] + _FIELD.sub(f"={HIDDEN}", found[2]), text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        return _ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)

    def _value(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if _SECRET_KEY.match(name):
            return HIDDEN
        if isinstance(value, int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self._value(str(key), one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value("", one) for one in value]
        return self.text(str(value))
