"""The AsyncAPI 3.0 document: which topics there are, and what travels on each."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from events.examples import (
    example_dead_letter,
    example_frame,
    example_gesture_event,
    example_prediction_record,
    example_stream_end,
)
from events.frame import JPEG
from events.header_table import (
    DEAD_LETTER_HEADERS,
    FRAME_HEADERS,
    GESTURE_HEADERS,
    JSON,
    PREDICTION_HEADERS,
    SENT_AGAIN_HEADERS,
    STREAM_END_HEADERS,
    TRACE_HEADERS,
    Header,
)
from events.record import Record
from events.schema import Schema, header_schema, value_components
from events.topics import TopicNames

SPEC_VERSION = "3.0.0"
KAFKA_BINDING_VERSION = "0.5.0"
_SCHEMAS = "#/components/schemas/"
_CHANNELS = {
    "frames": "Pictures on their way to the worker. The camera is the key, so Kafka keeps the order of one camera.",
    "predictions": "One outcome for every frame that was not set aside, with the key of the frame.",
    "gestures": "What the hands before a camera do, after debouncing, with the key of the frame.",
    "deadLetters": "Frames that were themselves at fault, as they came, with the reason.",
}


def asyncapi_document(*, version: str) -> Schema:
    """The document, ready for JSON. version: of the application."""
    return {
        "asyncapi": SPEC_VERSION,
        "info": {
            "title": "Handstream",
            "version": version,
            "description": "Hand gestures from camera frames, over Apache Kafka.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "channels": {
            "frames": _channel("frames", TopicNames().frames, ("frame", "streamEnd")),
            "predictions": _channel("predictions", TopicNames().predictions, ("prediction", "streamEnd")),
            "gestures": _channel("gestures", TopicNames().gestures, ("gesture", "streamEnd")),
            "deadLetters": _channel("deadLetters", TopicNames().dead_letters, ("deadLetter",)),
        },
        "operations": {
            "receiveFrames": _operation("receive", "frames", "The worker reads frames, each partition in order."),
            "sendPredictions": _operation("send", "predictions", "The worker writes the outcome of each frame."),
            "sendGestures": _operation("send", "gestures", "The worker writes gestures that started and ended."),
            "sendDeadLetters": _operation("send", "deadLetters", "The worker sets aside a frame that is at fault."),
        },
        "components": {
            "messages": _messages(),
            "schemas": value_components(ref_template=_SCHEMAS + "{name}"),
        },
    }


def _channel(name: str, topic: str, messages: Sequence[str]) -> Schema:
    return {
        "address": "{prefix}" + topic,
        "description": _CHANNELS[name],
        "parameters": {"prefix": {"description": "Topic prefix from the settings, by default none", "default": ""}},
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
    }


def _operation(action: str, channel: str, summary: str) -> Schema:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages() -> dict[str, Schema]:
    picture = {"type": "string", "format": "binary", "description": "The encoded picture itself"}
    original = {"type": "string", "format": "binary", "description": "The value of the frame's record, as it came"}
    key = "The camera, unless the producer chose another key"
    return {
        "frame": _message(
            summary="One picture of one camera",
            content_type=JPEG,
            headers=(*FRAME_HEADERS, *SENT_AGAIN_HEADERS, *TRACE_HEADERS),
            payload=picture,
            key={"type": "string", "description": key},
            example=example_frame().to_record(),
        ),
        "prediction": _message(
            summary="The outcome of one frame",
            content_type=JSON,
            headers=(*PREDICTION_HEADERS, *TRACE_HEADERS),
            payload={"$ref": f"{_SCHEMAS}Prediction"},
            key={"type": "string", "description": "The key of the frame"},
            example=example_prediction_record(),
        ),
        "gesture": _message(
            summary="A gesture of one hand that started or ended",
            content_type=JSON,
            headers=GESTURE_HEADERS,
            payload={"$ref": f"{_SCHEMAS}GestureEvent"},
            key={"type": "string", "description": "The key of the frames"},
            example=example_gesture_event().to_record(key=b"door"),
        ),
        "streamEnd": _message(
            summary="The marker that ends a finite stream, one in every partition",
            content_type=JSON,
            headers=STREAM_END_HEADERS,
            payload={"$ref": f"{_SCHEMAS}StreamEnd"},
            key={"type": "null", "description": "None: the sender names the partition"},
            example=example_stream_end().to_record(),
        ),
        "deadLetter": _message(
            summary="A frame that was at fault itself, with its own headers beside these",
            content_type="application/octet-stream",
            headers=DEAD_LETTER_HEADERS,
            payload=original,
            key={"type": "string", "description": "The key of the frame"},
            example=example_dead_letter().to_record(),
        ),
    }


def _message(
    *, summary: str, content_type: str, headers: Sequence[Header], payload: Schema, key: Schema, example: Record
) -> Schema:
    return {
        "summary": summary,
        "contentType": content_type,
        "headers": header_schema(headers),
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING_VERSION}},
        "examples": [_example(example, content_type=content_type)],
    }


def _example(record: Record, *, content_type: str) -> Schema:
    """The record in JSON, which can hold its headers and a JSON value, but not the bytes of a picture."""
    example: Schema = {"headers": {name: value.decode() for name, value in record.headers}}
    if content_type == JSON:
        example["payload"] = msgspec.json.decode(record.value)
    return example
