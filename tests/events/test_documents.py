"""Docs, schemas and AsyncAPI say what the types say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from events.asyncapi import asyncapi_document
from events.examples import (
    example_dead_letter,
    example_frame,
    example_gesture_event,
    example_prediction_record,
    example_sent_again,
    example_stream_end,
)
from events.gesture import GestureEvent
from events.header_table import (
    DEAD_LETTER_HEADERS,
    FRAME_HEADERS,
    GESTURE_HEADERS,
    PREDICTION_HEADERS,
    SENT_AGAIN_HEADERS,
    STREAM_END_HEADERS,
    Header,
)
from events.prediction import Prediction
from events.record import Record
from events.schema import header_schema, value_schema
from events.stream_end import StreamEnd
from tests.events.strategies import gesture_events, predictions, stream_ends
from tools.records import DOCS, documents

_RECORDS = {
    "frame": (FRAME_HEADERS, example_frame().to_record()),
    "frame-sent-again": ((*FRAME_HEADERS, *SENT_AGAIN_HEADERS), example_sent_again().to_record()),
    "prediction": (PREDICTION_HEADERS, example_prediction_record()),
    "gesture": (GESTURE_HEADERS, example_gesture_event().to_record(key=b"door")),
    "stream-end": (STREAM_END_HEADERS, example_stream_end().to_record()),
}
_VALUES = ("prediction", "gesture", "stream-end")
_VALIDATORS = {name: jsonschema.Draft202012Validator(value_schema(name)) for name in _VALUES}


def _texts(record: Record) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


@pytest.mark.parametrize("name", documents())
def test_docs_equal_the_types(name: str) -> None:
    path = DOCS / name
    assert path.is_file(), f"docs/{name} is missing: run `make docs`"
    assert path.read_text(encoding="utf-8") == documents()[name], f"docs/{name} is out of date: run `make docs`"


@pytest.mark.parametrize(("headers", "record"), _RECORDS.values(), ids=list(_RECORDS))
def test_header_tables_name_exactly_what_is_written(headers: tuple[Header, ...], record: Record) -> None:
    assert [header.name for header in headers] == [name for name, _ in record.headers]


def test_the_frame_without_a_label_has_exactly_the_required_headers() -> None:
    frame = example_frame()
    bare = [name for name, _ in frame.to_record().headers if name != "ce_label"]
    assert [header.name for header in FRAME_HEADERS if header.required] == bare


def test_dead_letter_table_names_exactly_what_is_added() -> None:
    letter = example_dead_letter()
    added = [name for name, _ in letter.to_record().headers][len(letter.headers) :]
    assert [header.name for header in DEAD_LETTER_HEADERS] == added


@pytest.mark.parametrize(("headers", "record"), _RECORDS.values(), ids=list(_RECORDS))
def test_headers_fit_their_schema(headers: tuple[Header, ...], record: Record) -> None:
    schema = header_schema(headers)
    jsonschema.validate(_texts(record), schema, cls=jsonschema.Draft202012Validator)
    for name in schema["required"]:
        texts = {key: value for key, value in _texts(record).items() if key != name}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(texts, schema, cls=jsonschema.Draft202012Validator)


@given(predictions)
def test_any_prediction_fits_its_schema(prediction: Prediction) -> None:
    _VALIDATORS["prediction"].validate(json.loads(prediction.to_json()))


@given(gesture_events)
def test_any_gesture_event_fits_its_schema(event: GestureEvent) -> None:
    _VALIDATORS["gesture"].validate(json.loads(event.to_json()))


@given(stream_ends)
def test_any_stream_end_fits_its_schema(end: StreamEnd) -> None:
    _VALIDATORS["stream-end"].validate(json.loads(end.to_record().value))


@pytest.mark.parametrize("name", _VALUES)
def test_a_schema_refuses_what_is_not_its_record(name: str) -> None:
    validator = _VALIDATORS[name]
    validator.check_schema(validator.schema)
    value = json.loads(_RECORDS[name][1].value)
    for field in value:
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**value, field: {"not": "this"}})


def test_every_field_is_described() -> None:
    for document in map(value_schema, _VALUES):
        definitions = document["$defs"]
        for type_name, definition in definitions.items():
            assert definition["description"]
            for name, field in definition.get("properties", {}).items():
                described = "description" in field or "$ref" in field
                assert described, f"{type_name}.{name} has no description: add a Meta(description=…) to its type"


def test_asyncapi_references_lead_somewhere() -> None:
    document = asyncapi_document(version="1")
    references = list(_references(document))
    assert references
    for reference in references:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_asyncapi_messages_carry_valid_examples() -> None:
    document = asyncapi_document(version="1")
    for message in document["components"]["messages"].values():
        for example in message["examples"]:
            _validate(example["headers"], message["headers"], document)
            if "payload" in example:
                _validate(example["payload"], message["payload"], document)
                with pytest.raises(jsonschema.ValidationError):
                    _validate({}, message["payload"], document)
        assert message["bindings"]["kafka"]["key"]["description"]


def test_asyncapi_topics_and_operations() -> None:
    document = asyncapi_document(version="1")
    assert document["asyncapi"] == "3.0.0"
    addresses = [channel["address"] for channel in document["channels"].values()]
    assert addresses == ["{prefix}frames", "{prefix}predictions", "{prefix}gestures", "{prefix}frames.dlq"]
    for channel in document["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel["parameters"])
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")


def _validate(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    jsonschema.Draft7Validator({"allOf": [schema], "components": document["components"]}).validate(value)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)
