"""What this user set, for the rooms that know nothing of brokers and their settings."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "HANDSTREAM_"
# Those that pydantic takes for true.
_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})


def setting(name: str) -> str | None:
    """HANDSTREAM_<name> of the environment, else of the file `.env` in the working folder; None where it is empty.

    The same answer as that of `broker/settings.py`, which checks more than is needed here.
    """
    key = PREFIX + name
    in_file = {known.upper(): value for known, value in dotenv_values(".env").items()}
    return os.environ.get(key) or in_file.get(key) or None


def switch_setting(name: str, *, default: bool = False) -> bool:
    """A setting that is on or off; the default where it is empty."""
    text = setting(name)
    return default if text is None else text.lower() in _TRUE


def folder_setting(name: str) -> Path | None:
    """A setting that names a folder, made absolute."""
    named = setting(name)
    return Path(named).expanduser().absolute() if named else None
