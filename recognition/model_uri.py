"""Names of registered models, as MLflow writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recognition.bundle import BundleError

SCHEME = "models:"
CHAMPION = "champion"
_URI = re.compile(r"models:/(?P<name>[^/@:]+)(?:@(?P<alias>[\w-]+)|/(?P<version>[1-9][0-9]*))")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUri:
    """A version of a model by its number, or the one that an alias stands for at the time. One of both is given."""

    name: str
    version: str | None = None
    alias: str | None = None

    def __str__(self) -> str:
        return f"models:/{self.name}@{self.alias}" if self.version is None else f"models:/{self.name}/{self.version}"


def is_model_uri(text: str) -> bool:
    """Whether it means a registered model, well written or not; everything else is a folder."""
    return text.startswith(SCHEME)


def parse_model_uri(text: str) -> ModelUri:
    """Raises BundleError."""
    found = _URI.fullmatch(text)
    if found is None:
        raise BundleError(f"{text!r} names no model: write models:/NAME@ALIAS or models:/NAME/VERSION")
    return ModelUri(name=found["name"], version=found["version"], alias=found["alias"])
