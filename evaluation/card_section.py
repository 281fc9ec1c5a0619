"""The section of a model card that says what was measured on pictures and films, out of evaluations' JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from evaluation.document import EVALUATION_TYPE
from evaluation.rate import Rate
from evaluation.wording import NOTHING, interval, percent

TITLE = "## Measured on pictures and films"
# It stands before the limits that follow from it.
_BEFORE = "## Limits"
_SECTION = re.compile(rf"^{re.escape(TITLE)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)

Document = Mapping[str, Any]


class CardError(ValueError):
    """An evaluation cannot stand in the card: one clear line."""


def with_section(card: str, section: str) -> str:
    """The card with this section instead of the one that it has, if it has one."""
    if _SECTION.search(card):
        return _SECTION.sub(lambda _: f"{section}\n", card, count=1)
    head, limits, rest = card.partition(f"{_BEFORE}\n")
    return f"{head}{section}\n{limits}{rest}" if limits else f"{card.rstrip()}\n\n{section}"


def card_section(documents: Sequence[Document], *, model: str) -> str:
    """Markdown. documents: as `handstream evaluate` writes them. model: as these name it.

    Stills are broken down by folder, streams by film, and pictures of hands without a gesture by both. Raises CardError
    for a document of something else, or of another model.
    """
    for document in documents:
        _check(document, model)
    folders = [pair for one in documents if one["kind"] == "images" for pair in one["folders"].items()]
    films = [pair for one in documents if one["kind"] == "video" for pair in one["stream"]["films"].items()]
    named = [
        *((_short(name), group["false_positives"]) for name, group in folders),
        *((f"{_short(name)}, each frame", film["frames"]["other"]) for name, film in films),
    ]
    parts = [
        TITLE,
        "By `handstream evaluate`, from the file to the prediction, with 95 % intervals. The section on the data says "
        "what was trained on.",
        *_table("Stills", _STILLS, (_still(*pair) for pair in folders if pair[1]["gesture_accuracy"]["total"])),
        *_table("Hands and scenes without a gesture", _NAMED, (_named(*pair) for pair in named if pair[1]["total"])),
        *_table("Streams", _FILMS, (_film(*pair) for pair in films)),
    ]
    if any(film["stills"] for _, film in films):
        parts += _table(
            "The same frames on the stream and each by itself",
            _COMPARED,
            (_compared(name, film["stills"]) for name, film in films if film["stills"]),
        )
    if films:
        parts.append(_rules(documents))
    return "\n\n".join(parts) + "\n"


_STILLS = ("source", "pictures of gestures", "rightly named", "interval", "where a hand was found", "hand found")
_NAMED = ("source", "pictures or frames", "named a gesture", "interval")
_FILMS = (
    "film", "seconds", "frames of gestures right", "with a hand", "gestures with an event", "late", "median delay",
    "false events a minute", "interval",
)  # fmt: skip
_COMPARED = ("film", "frames", "right on the stream", "right as stills", "on the stream only", "as stills only")


def _still(name: str, group: Mapping[str, Any]) -> tuple[str, ...]:
    right, found = group["gesture_accuracy"], group["gesture_accuracy_found"]
    return (
        f"`{_short(name)}`", f"{right['total']:,}", _share(right), _interval(right), _share(found),
        _share(group["detection"]),
    )  # fmt: skip


def _named(name: str, rate: Mapping[str, Any]) -> tuple[str, ...]:
    return f"`{name}`", f"{rate['total']:,}", _share(rate), _interval(rate)


def _film(name: str, film: Mapping[str, Any]) -> tuple[str, ...]:
    frames, events = film["frames"], film["events"]
    per_minute, delay, detected = events["false_per_minute"], events["delay"], events["detected"]
    return (
        f"`{_short(name)}`",
        f"{film['seconds']:.1f}",
        f"{_share(frames['shown'])} of {frames['shown']['total']:,}" if frames["shown"]["total"] else NOTHING,
        _share(frames["shown_found"]),
        f"{detected['hits']} of {detected['total']}" if detected["total"] else NOTHING,
        f"{events['late']['hits']}" if detected["total"] else NOTHING,
        f"{delay['median_seconds']:.2f} s" if delay["count"] else NOTHING,
        f"{per_minute['value']:.1f} ({per_minute['count']})",
        f"{per_minute['low']:.1f} to {per_minute['high']:.1f}",
    )


def _compared(name: str, stills: Mapping[str, Any]) -> tuple[str, ...]:
    stream, still = stills["right_on_stream"], stills["right_as_stills"]
    return (
        f"`{_short(name)}`", f"{stream['total']:,}", _share(stream), _share(still), str(stills["only_on_stream"]),
        str(stills["only_as_stills"]),
    )  # fmt: skip


def _rules(documents: Sequence[Document]) -> str:
    streams = [one["stream"] for one in documents if one["kind"] == "video"]
    near = sorted({f"{one['transition_seconds']:g}" for one in streams})
    late = sorted({f"{one['late_seconds']:g}" for one in streams})
    return (
        f"Frames within {' or '.join(near)} s of the start or end of a gesture are left out; an event is late after "
        f"{' or '.join(late)} s. Frames of a film are not independent, so their intervals are too narrow."
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Nothing where there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ()
    head = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    return f"### {title}", "\n".join([*head, *lines])


def _check(document: Document, model: str) -> None:
    if document.get("type") != EVALUATION_TYPE or document.get("kind") not in ("images", "video"):
        raise CardError("is no evaluation of images or films, as `handstream evaluate --json` and --out write it")
    if document["models"] != [model]:
        raise CardError(f"is of {', '.join(document['models'])}, but the card is of {model}: evaluate that one")


def _short(name: str) -> str:
    """Without the folders above it: where the files lay on somebody's machine is nobody's business."""
    return PurePath(name).name or name


def _share(rate: Mapping[str, Any]) -> str:
    return percent(_rate(rate).value)


def _interval(rate: Mapping[str, Any]) -> str:
    return interval(_rate(rate))


def _rate(rate: Mapping[str, Any]) -> Rate:
    # The shares in the document are rounded already.
    return Rate(hits=rate["hits"], total=rate["total"])
