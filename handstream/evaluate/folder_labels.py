"""Which label the name of an image's folder stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.label_set import accepted, join, parse_label


class BadLabel(Exception):
    """A label in an option that cannot be used: the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLabels:
    """What the name of a folder stands for.

    also: from --accept, what else is right by a folder's name. unknown_as: the label of folders that name no class.
    """

    classes: frozenset[str]
    also: Mapping[str, frozenset[str]]
    unknown_as: str | None
    skip_unknown: bool

    @classmethod
    def of(
        cls, accept: Sequence[str], *, unknown_as: str | None, skip_unknown: bool, classes: frozenset[str]
    ) -> FolderLabels:
        """Raises BadLabel."""
        if skip_unknown and unknown_as is not None:
            raise BadLabel("--skip-unknown and --unknown-as exclude each other")
        also: dict[str, frozenset[str]] = {}
        for text in accept:
            folder, equals, gestures = text.partition("=")
            if not (folder and equals):
                raise BadLabel(f"--accept {text!r} must be FOLDER=GESTURE, as in palm=stop")
            also[folder] = also.get(folder, frozenset()) | _known(gestures, "--accept", classes)
        label = None if unknown_as is None else join(_known(unknown_as, "--unknown-as", classes))
        return cls(classes=classes, also=also, unknown_as=label, skip_unknown=skip_unknown)

    def label(self, folder: str) -> str | None:
        """None where the folder's name says nothing."""
        try:
            named = accepted(parse_label(folder))
        except ValueError:
            named = frozenset()
        known = (named if named <= self.classes else frozenset()) | self.also.get(folder, frozenset())
        return join(known) if known else self.unknown_as


def _known(gestures: str, option: str, classes: frozenset[str]) -> frozenset[str]:
    try:
        names = accepted(parse_label(gestures))
    except ValueError as error:
        raise BadLabel(f"{option}: {error}") from error
    unknown = sorted(names - classes)
    if unknown:
        raise BadLabel(f"{option}: the model has no class {unknown[0]!r}; it knows {', '.join(sorted(classes))}")
    return names
