"""What the columns of a table mean: by their names, or by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from events.prediction import LANDMARK_COUNT
from training.hands import DataError
from training.table_layout import guess_columns
from training.table_text import DELIMITERS, TableText

COLUMNS_OPTION: Final = "--columns"
IGNORE_OPTION: Final = "--ignore-column"
# Columns that say something of a hand, each with other names for the same.
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "label": ("class", "gesture", "target"),
    "user_id": ("user", "person", "subject"),
    "source": (),
    "group": (),
    "kind": (),
    "near": (),
    "handedness": (),
    "score": (),
    "width": (),
    "height": (),
}
# Known, and of no use here.
_UNUSED: Final = ("image_id", "leading_hand", "padded", "index")
_MEANINGS: Final = {name: known for known, others in _TEXTS.items() for name in (known, *others)}
_FINGERS: Final = {
    "thumb": ("cmc", "mcp", "ip", "tip"),
    **dict.fromkeys(("index_finger", "middle_finger", "ring_finger", "pinky"), ("mcp", "pip", "dip", "tip")),
}
# As MediaPipe calls the points.
_POINT_NAMES: Final = ("wrist", *(f"{finger}_{joint}" for finger, joints in _FINGERS.items() for joint in joints))
_PREFIX: Final = r"(?P<world>w|world_?)?(?:(?:hand_)?(?:landmark|lm|point|pt|keypoint|kp|joint)s?_?)?"
_COORDINATE: Final = (
    re.compile(rf"^{_PREFIX}(?P<axis>[xyz])_?(?P<number>\d{{1,2}})$"),
    re.compile(rf"^{_PREFIX}(?P<number>\d{{1,2}})_?(?P<axis>[xyz])$"),
)
_NAMED_COORDINATE: Final = re.compile(
    rf"^(?P<world>w|world_)?(?P<point>{'|'.join(_POINT_NAMES)})_?(?P<axis>[xyz])$", re.ASCII
)
_AXES: Final = re.compile(r"^w?x?y?z?$")
_SHOWN: Final = 5


class NoHandTableError(DataError):
    """A table that has nothing to do with hands: none of its columns is a coordinate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where in a row things stand.

    points: 42 positions, x and y of each point in turn. world: 63, x, y and z; None where there are none.
    texts: position of each further column that is there, by its name here. unnamed: columns without a name.
    """

    names: tuple[str, ...]
    points: tuple[int, ...]
    world: tuple[int, ...] | None
    texts: Mapping[str, int]
    unnamed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Coordinate:
    axis: str
    number: int
    world: bool


def find_columns(path: Path, text: TableText, *, ignored: Sequence[str] = (), given: str | None = None) -> Columns:
    """Raises DataError that says what was found and which option reads it; NoHandTableError for no table of hands.

    ignored: names or patterns such as `w*`. given: the columns as the user names them, see `expand`.
    """
    if given is not None:
        names = tuple(expand(given))
        if len(names) != text.width:
            raise DataError(
                f"{path}: {COLUMNS_OPTION} names {len(names)} columns, the table has {text.width} ({_separated(text)})"
            )
    elif text.names is not None:
        names = text.names
    else:
        names = tuple(guess_columns(path, text, option=COLUMNS_OPTION))
    return _by_name(path, text, names, ignored=ignored)


def expand(given: str) -> Iterator[str]:
    """Names of columns as an option gives them, separated by commas.

    `xy` and `xyz` stand for the coordinates of 21 points in turn, `x`, `y` and `z` for all of one axis, with a `w`
    before them for world landmarks; `skip` for a column of no use.
    """
    for part in (part.strip() for part in given.split(",")):
        if part and _AXES.match(part) and part != "w":
            axes, prefix = part.removeprefix("w"), "w" if part.startswith("w") else ""
            yield from (f"{prefix}{axis}{number}" for number in range(LANDMARK_COUNT) for axis in axes)
        else:
            yield "" if part == "skip" else part


def _by_name(path: Path, text: TableText, names: tuple[str, ...], *, ignored: Sequence[str]) -> Columns:
    coordinates: dict[_Coordinate, int] = {}
    texts: dict[str, int] = {}
    unnamed: list[int] = []
    unknown: list[str] = []
    twice: list[str] = []
    for at, name in enumerate(names):
        plain = re.sub(r"[\s.\-]+", "_", name.strip().lower())
        if not plain or re.match(r"^unnamed:_\d+$", plain):
            unnamed.append(at)
            continue
        if any(fnmatchcase(name, pattern) for pattern in ignored) or plain in _UNUSED:
            continue
        coordinate, meaning = _coordinate(plain), _MEANINGS.get(plain)
        if coordinate in coordinates or meaning in texts:
            twice.append(name)
        elif coordinate is not None:
            coordinates[coordinate] = at
        elif meaning is not None:
            texts[meaning] = at
        else:
            unknown.append(name)
    if not coordinates:
        raise NoHandTableError(
            f"{path}: none of its {len(names)} columns is a coordinate ({_separated(text)}: {_some(names)}); needed "
            f"are x1, y1 … x21, y21 and label, or say what they are with {COLUMNS_OPTION}"
        )
    if twice:
        raise DataError(
            f"{path}: columns that are there more than once: {_some(sorted(set(twice)))}; remove all but one of each"
        )
    found = _Found(path, text, names, coordinates)
    points, world = found.points(texts), found.world()
    if unknown or found.beyond:
        raise DataError(
            f"{path}: unknown columns: {_some([*unknown, *found.beyond])}; known are x, y and z of 21 points, their "
            f"world landmarks wx, wy and wz, and {', '.join((*_TEXTS, *_UNUSED))}; remove the others, or say "
            f"{IGNORE_OPTION} for each"
        )
    if ("width" in texts) != ("height" in texts):
        raise DataError(f"{path}: one of the columns width and height is missing: only both say an image's shape")
    return Columns(names=names, points=points, world=world, texts=texts, unnamed=tuple(unnamed))


class _Found:
    """The coordinates that a table has, numbered from 0 or from 1."""

    def __init__(
        self, path: Path, text: TableText, names: tuple[str, ...], coordinates: Mapping[_Coordinate, int]
    ) -> None:
        self._path = path
        self._text = text
        self._names = names
        self._coordinates = coordinates
        self._numbers = {
            world: self._numbered(world) for world in (False, True) if any(one.world is world for one in coordinates)
        }

    @property
    def beyond(self) -> list[str]:
        """Columns of points that a hand does not have."""
        return [self._names[at] for one, at in self._coordinates.items() if one.number not in self._numbers[one.world]]

    def points(self, texts: Mapping[str, int]) -> tuple[int, ...]:
        found, missing = self._positions("xy", world=False)
        if "label" not in texts:
            missing.append("label")
        if missing:
            raise DataError(
                f"{self._path}: {len(missing)} columns are missing: {_some(missing)}; needed are x1, y1 … x21, y21 (or "
                f"x0 to y20) and label; found are {len(self._names)} ({_separated(self._text)}): {_some(self._names)}; "
                f"{COLUMNS_OPTION} says what they are"
            )
        return found

    def world(self) -> tuple[int, ...] | None:
        if True not in self._numbers:
            return None
        found, missing = self._positions("xyz", world=True)
        if missing:
            raise DataError(
                f"{self._path}: {len(missing)} columns of world landmarks are missing: {_some(missing)}; add them, or "
                f"leave all out with {IGNORE_OPTION} 'w*'"
            )
        return found

    def _positions(self, axes: str, *, world: bool) -> tuple[tuple[int, ...], list[str]]:
        wanted = [
            _Coordinate(axis, number, world)
            for number in self._numbers.get(world, range(1, LANDMARK_COUNT + 1))
            for axis in axes
        ]
        missing = [f"{'w' * world}{one.axis}{one.number}" for one in wanted if one not in self._coordinates]
        return tuple(self._coordinates[one] for one in wanted if one in self._coordinates), missing

    def _numbered(self, world: bool) -> range:
        start = 0 if any(one.number == 0 and one.world is world for one in self._coordinates) else 1
        return range(start, start + LANDMARK_COUNT)


def _coordinate(name: str) -> _Coordinate | None:
    named = _NAMED_COORDINATE.match(name)
    if named:
        return _Coordinate(named["axis"], _POINT_NAMES.index(named["point"]), bool(named["world"]))
    for pattern in _COORDINATE:
        numbered = pattern.match(name)
        if numbered:
            return _Coordinate(numbered["axis"], int(numbered["number"]), bool(numbered["world"]))
    return None


def _separated(text: TableText) -> str:
    return f"separated by {DELIMITERS[text.delimiter]}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(name or "(without a name)" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
