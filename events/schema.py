"""JSON Schemas of the records, made from their types."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from events.gesture import GestureEvent
from events.header_table import Header, Kind
from events.prediction import Prediction
from events.stream_end import StreamEnd

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VALUE_TYPES: dict[str, type] = {"prediction": Prediction, "gesture": GestureEvent, "stream-end": StreamEnd}
_PATTERNS = {Kind.INTEGER: {"pattern": "^[0-9]{1,18}$"}, Kind.TIME: {"format": "date-time"}, Kind.TEXT: {}}


def value_schema(name: str) -> Schema:
    """The schema, by itself, of one of VALUE_TYPES."""
    schema = _plain(msgspec.json.schema(VALUE_TYPES[name]))
    return {"$schema": DIALECT, "$id": f"urn:handstream:{name}:v1", **schema}


def value_components(*, ref_template: str, types: Iterable[type] = tuple(VALUE_TYPES.values())) -> dict[str, Schema]:
    """The schemas of types, by default all that travel as JSON, and of those within them, each under its own name.

    `{name}` in ref_template is that name.
    """
    _, components = msgspec.json.schema_components(types, ref_template=ref_template)
    return {name: _plain(schema) for name, schema in components.items()}


def header_schema(headers: Sequence[Header]) -> Schema:
    """The schema of a record's headers. Others may stand beside them: CloudEvents lets intermediaries add some."""
    return {
        "type": "object",
        "properties": {header.name: _header(header) for header in headers},
        "required": [header.name for header in headers if header.required],
    }


def _header(header: Header) -> Schema:
    schema: Schema = {"type": "string", "description": header.meaning, **_PATTERNS[header.kind]}
    if header.unit:
        schema["x-unit"] = header.unit
    if header.values:
        schema["enum"] = list(header.values)
    return schema


def _plain(node: Any) -> Any:
    """The schema in words that JSON Schema 2020-12 and AsyncAPI's own dialect (draft 7) read alike."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items()}
    if "prefixItems" in plain:  # our tuples are of one type throughout, so its length and that type say the same
        plain["items"] = plain.pop("prefixItems")[0]
    if isinstance(plain.get("description"), str):
        plain["description"] = inspect.cleandoc(plain["description"])
    return plain
