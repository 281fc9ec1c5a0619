"""Writes the reference of the settings from their type:  python -m tools.settings_docs"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from settings import PREFIX, Settings

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
# Where these are depends on the user and the system; on Linux, without XDG_ variables, here.
FOLDERS = {"data_dir": "~/.local/share/handstream", "cache_dir": "~/.cache/handstream"}


def document() -> str:
    return "\n".join(_lines()) + "\n"


def main() -> None:
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(DOCUMENT.relative_to(DOCUMENT.parent.parent))


def _lines() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield "Made from `settings/settings.py` by `make docs`: change that, not this page."
    yield ""
    yield "Each is an environment variable, or a line of a file `.env` in the working folder; the environment wins."
    yield "An empty value counts as none. `.env` is UTF-8 text with `NAME=value` lines, as python-dotenv reads them."
    yield ""
    yield "A value that cannot be used is an error that names the setting, its value and the line of `.env`:"
    yield "`.env:2: HANDSTREAM_PARTITIONS: must be at least 1, not '0'`. So is a misspelt name; the nearest is named."
    yield "In the environment, names that resemble no setting are ignored, and so are the variables by which Kubernetes"
    yield "announces a service named `handstream`. Secrets appear in no message."
    yield ""
    yield "| variable | meaning | values | default |"
    yield "|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        yield f"| `{PREFIX}{name.upper()}` | {field.description} | {_values(field)} | {_default(name, field)} |"
    yield ""
    yield "Folders are those of the user on Linux; other systems have their own."
    yield ""
    yield f"`handstream produce url` takes the camera's address from `{PREFIX}CAMERA_URL` where none is given, so that"
    yield "its password does not stand in the list of processes."


def _values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    kind: Any = next((option for option in get_args(field.annotation) if option is not type(None)), field.annotation)
    if kind is SecretStr:
        return "text, secret"
    if issubclass(kind, StrEnum):
        return ", ".join(f"`{value}`" for value in kind)
    return _KINDS[kind] + _bounds(field.metadata)


_KINDS: dict[type, str] = {str: "text", int: "integer", float: "number", bool: "`true`, `false`", Path: "path"}


def _bounds(metadata: list[Any]) -> str:
    texts = {Ge: "from {0.ge}", Gt: "above {0.gt}", Le: "to {0.le}", MinLen: "not empty"}
    return "".join(f" {texts[type(bound)].format(bound)}" for bound in metadata)


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return f"`{FOLDERS[name]}`"
    if field.default is None or field.default == "":
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


if __name__ == "__main__":
    main()
