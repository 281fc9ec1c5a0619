"""Writes the reference of the records from their types:  python -m tools.records"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from events.asyncapi import asyncapi_document
from events.examples import (
    example_dead_letter,
    example_frame,
    example_gesture_event,
    example_prediction_record,
    example_sent_again,
    example_stream_end,
    example_traced,
)
from events.header_table import (
    DEAD_LETTER_HEADERS,
    FRAME_HEADERS,
    GESTURE_HEADERS,
    PREDICTION_HEADERS,
    SENT_AGAIN_HEADERS,
    STREAM_END_HEADERS,
    TRACE_HEADERS,
    Header,
    Kind,
)
from events.record import Record
from events.schema import VALUE_TYPES, Schema, value_components, value_schema
from events.topics import TopicNames

DOCS = Path(__file__).resolve().parent.parent / "docs"
_NUMBERS = re.compile(r"\[[\s\d.,-]+\]")


def documents() -> dict[str, str]:
    """The text of every generated file, by its path below `docs`."""
    schemas = {f"schemas/{name}.v1.json": _json(value_schema(name)) for name in VALUE_TYPES}
    asyncapi = _json(asyncapi_document(version=version("handstream")))
    return {"records.md": "\n".join(_reference()) + "\n", "asyncapi.json": asyncapi, **schemas}


def main() -> None:
    for name, text in documents().items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def _reference() -> Iterator[str]:
    topics = TopicNames()
    components = value_components(ref_template="{name}")
    yield "# Records"
    yield ""
    yield "Made from the types in `events/` by `make docs`: change those, not this page."
    yield ""
    yield "| topic | records | key |"
    yield "|---|---|---|"
    yield f"| `{topics.frames}` | [frame](#frame), [stream end](#stream-end) | the camera, or what the producer chose |"
    yield f"| `{topics.predictions}` | [prediction](#prediction), [stream end](#stream-end) | the key of the frame |"
    yield f"| `{topics.gestures}` | [gesture](#gesture), [stream end](#stream-end) | the key of the frame |"
    yield f"| `{topics.dead_letters}` | [dead letter](#dead-letter) | the key of the frame |"
    yield ""
    yield "Topic names stand behind the prefix from the settings. Headers follow CloudEvents 1.0, Kafka binding, binary"
    yield "mode; each is UTF-8 text. Fields and headers may be added; none changes its meaning within a version."
    yield ""
    yield "For machines: [AsyncAPI 3 document](asyncapi.json), JSON Schemas of the"
    yield "[prediction](schemas/prediction.v1.json), the [gesture](schemas/gesture.v1.json) and the"
    yield "[stream end](schemas/stream-end.v1.json)."
    yield ""
    yield "## Frame"
    yield ""
    yield "One picture of one camera. The value is the encoded picture itself, never base64."
    yield ""
    yield from _header_table(FRAME_HEADERS, example_frame().to_record())
    yield "A frame that is sent again has besides ([dead-letters.md](dead-letters.md)):"
    yield ""
    yield from _header_table(SENT_AGAIN_HEADERS, example_sent_again().to_record())
    yield "Where traces are made, frames and their predictions have besides ([traces](logs-and-traces.md#traces)):"
    yield ""
    yield from _header_table(TRACE_HEADERS, example_traced())
    yield "## Prediction"
    yield ""
    yield "The outcome of one frame. The value is JSON:"
    yield ""
    yield from _field_table(components["Prediction"], components)
    yield from _value_example(example_prediction_record())
    yield "Headers:"
    yield ""
    yield from _header_table(PREDICTION_HEADERS, example_prediction_record())
    for name, schema in components.items():
        if name not in ("Prediction", "GestureEvent", "StreamEnd", "Phase"):
            yield from _part(name, schema, components)
    yield from _outcomes_besides(components)


def _outcomes_besides(components: dict[str, Schema]) -> Iterator[str]:
    yield "## Gesture"
    yield ""
    yield components["GestureEvent"]["description"]
    yield ""
    yield from _field_table(components["GestureEvent"], components)
    yield from _value_example(example_gesture_event().to_record(key=None))
    yield "Headers:"
    yield ""
    yield from _header_table(GESTURE_HEADERS, example_gesture_event().to_record(key=None))
    yield from _part("Phase", components["Phase"], components)
    yield "## Stream end"
    yield ""
    yield components["StreamEnd"]["description"]
    yield ""
    yield from _field_table(components["StreamEnd"], components)
    yield from _value_example(example_stream_end().to_record())
    yield "Headers:"
    yield ""
    yield from _header_table(STREAM_END_HEADERS, example_stream_end().to_record())
    yield "## Dead letter"
    yield ""
    yield "A frame that was itself at fault: its key, value and headers as they came, and these headers beside them."
    yield ""
    yield from _header_table(DEAD_LETTER_HEADERS, example_dead_letter().to_record(), last=True)


def _header_table(headers: Sequence[Header], record: Record, *, last: bool = False) -> Iterator[str]:
    examples = {name: value.decode() for name, value in record.headers}
    yield "| header | type | unit | required | meaning | example |"
    yield "|---|---|---|---|---|---|"
    for header in headers:
        kind = " \\| ".join(f"`{value}`" for value in header.values) or header.kind
        required = "yes" if header.required else "no"
        yield (
            f"| `{header.name}` | {kind} | {header.unit} | {required} | {header.meaning} | `{examples[header.name]}` |"
        )
    if not last:
        yield ""


def _part(name: str, schema: Schema, components: dict[str, Schema]) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield schema["description"]
    yield ""
    if "properties" in schema:
        yield from _field_table(schema, components)


def _field_table(schema: Schema, components: dict[str, Schema]) -> Iterator[str]:
    yield "| field | type | unit | required | meaning |"
    yield "|---|---|---|---|---|"
    for name, field in schema["properties"].items():
        required = "yes" if name in schema["required"] else "no"
        meaning = field.get("description") or components[field["$ref"]]["description"].splitlines()[0]
        yield f"| `{name}` | {_type_name(field, components)} | {field.get('x-unit', '')} | {required} | {meaning} |"
    yield ""


def _type_name(field: Schema, components: dict[str, Schema]) -> str:
    """The type of a field in a few words."""
    if "$ref" in field:
        name = field["$ref"]
        return f"[{name}](#{name.lower()})" + _values(components[name])
    if "anyOf" in field:
        return " or ".join(_type_name(option, components) for option in field["anyOf"])
    if "enum" in field:
        return _values(field).removeprefix(": ")
    kind = str(Kind.TIME if field.get("format") == "date-time" else field["type"])
    if kind == "array":
        low, high = field.get("minItems", 0), field.get("maxItems", "any")
        count = str(high) if low == high else f"{low} to {high}"
        return f"array of {count} ({_type_name(field['items'], components)})"
    if kind == "object":
        return f"object of {_type_name(field['additionalProperties'], components)}"
    return kind + (f" ≥ {field['minimum']:g}" if "minimum" in field and "maximum" not in field else "")


def _values(schema: Schema) -> str:
    return ": " + " \\| ".join(f"`{value}`" for value in schema["enum"]) if "enum" in schema else ""


def _value_example(record: Record) -> Iterator[str]:
    yield "Example:"
    yield ""
    yield "```json"
    yield _NUMBERS.sub(_one_line, msgspec.json.format(record.value, indent=2).decode())
    yield "```"
    yield ""


def _one_line(numbers: re.Match[str]) -> str:
    return " ".join(numbers[0].split()).replace("[ ", "[").replace(" ]", "]")


def _json(document: Schema) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
