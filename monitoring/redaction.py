"""Secrets and credentials taken out of what is logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from events.redaction import HIDDEN, names_a_secret, redact_text

# A shorter one would be found inside ordinary words, and is no secret for long.
_MIN_SECRET_CHARACTERS = 4


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
        return redact_text(text if self._known is None else self._known.sub(HIDDEN, text))

    def _value(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if names_a_secret(name):
            return HIDDEN
        if isinstance(value, int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self._value(str(key), one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value("", one) for one in value]
        return self.text(str(value))
