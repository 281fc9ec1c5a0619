"""The lines of a `.env` file, with their numbers."""

from __future__ import annotations

import codecs
import io
import logging
import stat
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from settings.faults import SettingsError

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One NAME=VALUE. place: where it stands, for messages; empty for the process's environment."""

    name: str
    value: str
    place: str = ""


def read_env_file(path: Path, *, prefix: str) -> list[Assignment]:
    """The assignments of names that begin with the prefix, in any case; none where there is no file.

    Quotes, comments, `export` and `${NAME}` are those of python-dotenv. Raises SettingsError for a file that is not
    UTF-8 text and for a line with the prefix that is not NAME=VALUE.
    """
    text = _read_text(path)
    if text is None:
        return []
    # Lines that cannot be parsed are reported below, where they are ours.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    values = dotenv_values(stream=io.StringIO(text))
    found: dict[str, Assignment] = {}
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        # A statement begins with the blank lines before it.
        line = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        place = f"{path}:{line}"
        if binding.error and prefix in written.upper().partition("=")[0]:
            raise SettingsError(f"{place}: not NAME=VALUE; check its quotes")
        if binding.key is not None and binding.key.upper().startswith(prefix):
            name = binding.key.upper()
            found[name] = Assignment(name=name, value=values.get(binding.key) or "", place=place)
    return list(found.values())


def _read_text(path: Path) -> str | None:
    try:
        kind = path.stat().st_mode
        # A folder of this name is often a virtual environment.
        if stat.S_ISDIR(kind):
            return None
        if not stat.S_ISREG(kind):
            raise SettingsError(f"{path}: must be a regular file")
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    if content.startswith(_UTF_16_MARKS) or b"\0" in content:
        raise SettingsError(f"{path}:1: UTF-16 text; save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        lines = content.splitlines()
        number = min(len(content[: error.start].splitlines()) or 1, len(lines))
        raise SettingsError(
            f"{path}:{number}: not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        ) from None
