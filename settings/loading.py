"""Reading the settings: the environment, then `.env`, each value with the place where it stands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import SecretStr, ValidationError

from events.redaction import redact
from settings.env_file import Assignment, read_env_file
from settings.faults import SettingsError
from settings.settings import PREFIX, Settings

ENV_FILE: Final = Path(".env")
# Variables of one command each, which are no settings.
OTHER_VARIABLES: Final = frozenset({f"{PREFIX}CAMERA_URL", f"{PREFIX}HEALTH_URL"})
# Settings of earlier versions, which debounced gestures by frames.
_REMOVED = frozenset(f"{PREFIX}GESTURE_{name}_FRAMES" for name in ("WINDOW", "START", "KEEP"))
_SETTINGS = {PREFIX + name.upper(): name for name in Settings.model_fields}
# Kubernetes describes a service named `handstream…` to every container by such variables.
_SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_[0-9]+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$")
_SERVICE_ADDRESS = re.compile(r"^(tcp|udp)://[0-9A-Fa-f.:\[\]]+:[0-9]+$")


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """The settings of the environment, and of the file where the environment has none; an empty value counts as none.

    Raises SettingsError that names every variable at fault, and the file and line where it stands.
    """
    assignments = [*read_env_file(env_file, prefix=PREFIX), *_of_environment(os.environ)]
    faults = [fault for one in assignments if (fault := _name_fault(one)) is not None]
    # Later ones replace earlier ones.
    given = {_SETTINGS[one.name]: one for one in assignments if one.name in _SETTINGS and one.value}
    settings = None
    try:
        settings = Settings.model_validate({field: one.value for field, one in given.items()})
    except ValidationError as error:
        faults += [_value_fault(fault, given) for fault in error.errors(include_url=False)]
    if settings is None or faults:
        raise SettingsError("; ".join(faults))
    return settings


def _of_environment(variables: Mapping[str, str]) -> Iterator[Assignment]:
    # Of two that differ in case only, the one in capitals comes last, and counts.
    ours = sorted((name for name in variables if name.upper().startswith(PREFIX)), reverse=True)
    for name in ours:
        value = variables[name]
        if value and not _SERVICE_LINK.search(name) and not _SERVICE_ADDRESS.match(value):
            yield Assignment(name=name.upper(), value=value)


def _name_fault(one: Assignment) -> str | None:
    """In a file, any name that is no setting is a mistake; in the environment, one that resembles a setting's."""
    if one.name in _REMOVED:
        default = Settings.model_fields["gesture_hold_seconds"].default
        return _at(one.place) + (
            f"{one.name}: no longer supported, since gestures are debounced by time; remove it and, where the default "
            f"of {default} s does not fit, set {PREFIX}GESTURE_HOLD_SECONDS"
        )
    if one.name in OTHER_VARIABLES:
        return f"{one.place}: {one.name}: must be set in the environment, not in a file" if one.place else None
    if one.name in _SETTINGS:
        return None
    nearest = get_close_matches(one.name.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in _SETTINGS], n=1)
    if nearest:
        return _at(one.place) + f"{one.name}: no such setting, did you mean {PREFIX}{nearest[0]}?"
    return f"{one.place}: {one.name}: no such setting; docs/settings.md lists them" if one.place else None


def _value_fault(fault: Mapping[str, Any], given: Mapping[str, Assignment]) -> str:
    if not fault["loc"]:
        # Several settings do not go together; the message names them.
        return str(fault["msg"]).removeprefix("Value error, ")
    field = str(fault["loc"][0])
    one = given[field]
    return _at(one.place) + f"{one.name}: {_demand(fault)}" + _shown(field, one.value)


def _demand(fault: Mapping[str, Any]) -> str:
    """What the value must be."""
    context = fault.get("ctx", {})
    kind = str(fault["type"])
    if kind in _DEMANDS:
        return _DEMANDS[kind].format(**context)
    return str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "must be", 1)


_DEMANDS: Final = {
    "int_parsing": "must be an integer",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
}


def _shown(field: str, value: str) -> str:
    annotation = Settings.model_fields[field].annotation
    if SecretStr in (annotation, *get_args(annotation)):
        return ""
    return f", not {redact(value)!r}"


def _at(place: str) -> str:
    return f"{place}: " if place else ""
