"""Models as a tree of JSON with named arrays, driven by the types of their fields.

A model is a frozen dataclass. Its fields may be:

- an array: `Annotated[NDArray[np.float32], Axes("anchors", "features")]`, kept under the path of the field;
- a number: `int`, `float`, or `Annotated[int, Size("classes")]` where it has to be the length of an axis;
- words: `Annotated[tuple[str, ...], Axes("classes")]`;
- a part: another such dataclass, or a protocol or a tuple of one, where any registered class with a `kind` may stand.
  The length of a tuple may be that of an axis too.

What is read is held against these types, so that a class needs no code of its own to be kept in a bundle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

# Axes that have the same length in a model and in all of its parts; all others are a dataclass's own.
SHARED_AXES = ("features", "classes")
KIND = "kind"

T = TypeVar("T")

Arrays = Mapping[str, NDArray[Any]]
Kinds = Mapping[str, type]


class LayoutError(ValueError):
    """The tree or an array does not fit the types: the message names the field, and what it is instead."""


@dataclass(frozen=True, slots=True, init=False)
class Axes:
    """The axes of an array by name. Those of the same name in one dataclass have the same length.

    index_of: the axis that the array's integers are indices of.
    """

    names: tuple[str, ...]
    index_of: str | None

    def __init__(self, *names: str, index_of: str | None = None) -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "index_of", index_of)


@dataclass(frozen=True, slots=True)
class Size:
    """A number that is the length of this axis."""

    axis: str


def to_tree(model: Any, *, kinds: Kinds) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """JSON values and arrays of a model. Raises LayoutError for one that is of no registered kind."""
    arrays: dict[str, NDArray[Any]] = {}
    return _part_tree(model, kinds=kinds, at="", arrays=arrays), arrays


def from_tree(expected: type[T], tree: Any, arrays: Arrays, *, kinds: Kinds, sizes: Mapping[str, int]) -> T:
    """The model of this type, or of a registered kind where it is a protocol. Raises LayoutError.

    sizes: lengths of axes that are known beforehand.
    """
    unread = dict(arrays)
    model: T = _part(expected, tree, unread, kinds=kinds, sizes=sizes, at="")
    if unread:
        raise LayoutError(f"unexpected array {min(unread)!r}")
    return model


def _part_tree(model: Any, *, kinds: Kinds, at: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    kind = getattr(type(model), KIND, None)
    if kind is not None and kinds.get(kind) is type(model):
        tree[KIND] = kind
    elif kind is not None or not dataclasses.is_dataclass(model):
        raise LayoutError(f"{type(model).__name__} is no registered kind of model and cannot be kept in a bundle")
    of_model: type = type(model)
    for field in _fields(of_model):
        value, path = getattr(model, field.name), _joined(at, field.name)
        if field.dtype is not None:
            if value.dtype != field.dtype:
                raise LayoutError(f"{path} is of {value.dtype}, not of {field.dtype}")
            arrays[path] = value
        elif field.is_part and field.is_tuple:
            tree[field.name] = [
                _part_tree(one, kinds=kinds, at=_joined(path, str(number)), arrays=arrays)
                for number, one in enumerate(value)
            ]
        elif field.is_part:
            tree[field.name] = _part_tree(value, kinds=kinds, at=path, arrays=arrays)
        else:
            tree[field.name] = list(value) if field.is_tuple else value
    return tree


def _part(
    expected: type, tree: Any, unread: dict[str, NDArray[Any]], *, kinds: Kinds, sizes: Mapping[str, int], at: str
) -> Any:
    if not isinstance(tree, dict):
        raise LayoutError(f"{at or 'the model'} is {_short(tree)}, not an object")
    of_part = _class_of(expected, tree, kinds=kinds, at=at)
    fields = _fields(of_part)
    known = {field.name for field in fields if field.dtype is None} | ({KIND} if hasattr(of_part, KIND) else set())
    if tree.keys() != known:
        odd = min(tree.keys() ^ known)
        raise LayoutError(f"{_joined(at, odd)} is {'missing' if odd in known else 'unexpected'}")
    lengths = dict(sizes)
    values: dict[str, Any] = {}
    for field in fields:
        path = _joined(at, field.name)
        if field.dtype is not None:
            values[field.name] = _checked_array(field, unread.pop(path, None), lengths, path)
        elif not field.is_part:
            values[field.name] = _checked_value(field, tree[field.name], lengths, path)
    _check_indices(fields, values, lengths, at)
    shared = {axis: lengths[axis] for axis in SHARED_AXES if axis in lengths}
    for field in fields:
        path = _joined(at, field.name)
        if field.is_part and field.is_tuple:
            if not isinstance(tree[field.name], list):
                raise LayoutError(f"{path} is {_short(tree[field.name])}, not an array of parts")
            _check_length(field, tree[field.name], lengths, path)
            values[field.name] = tuple(
                _part(field.type, one, unread, kinds=kinds, sizes=shared, at=_joined(path, str(number)))
                for number, one in enumerate(tree[field.name])
            )
        elif field.is_part:
            values[field.name] = _part(field.type, tree[field.name], unread, kinds=kinds, sizes=shared, at=path)
    try:
        return of_part(**values)
    except ValueError as error:
        raise LayoutError(f"{at or 'the model'}: {error}") from error


def _class_of(expected: type, tree: Mapping[str, Any], *, kinds: Kinds, at: str) -> type:
    if dataclasses.is_dataclass(expected):
        return expected
    kind = tree.get(KIND)
    found = kinds.get(kind) if isinstance(kind, str) else None
    if found is None:
        raise LayoutError(f"{_joined(at, KIND)} is {_short(kind)}, none of {', '.join(sorted(kinds))}")
    return found


def _checked_array(field: _Field, array: NDArray[Any] | None, lengths: dict[str, int], path: str) -> NDArray[Any]:
    if array is None:
        raise LayoutError(f"the array {path} is missing")
    if array.dtype != field.dtype:
        raise LayoutError(f"{path} is of {array.dtype}, not of {field.dtype}")
    expected = tuple(lengths.get(axis, axis) for axis in field.axes.names)
    if array.ndim != len(expected):
        raise LayoutError(f"{path} has the shape {array.shape}, expected {_shape(expected)}")
    for axis, length in zip(field.axes.names, array.shape, strict=True):
        if lengths.setdefault(axis, length) != length:
            raise LayoutError(f"{path} has the shape {array.shape}, expected {_shape(expected)}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise LayoutError(f"{path} holds values that are not finite")
    return array


def _checked_value(field: _Field, value: Any, lengths: dict[str, int], path: str) -> Any:
    if field.is_tuple:
        if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise LayoutError(f"{path} is {_short(value)}, not an array of strings")
        _check_length(field, value, lengths, path)
        return tuple(value)
    allowed = (int,) if field.type is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or not isfinite(value):
        raise LayoutError(f"{path} is {_short(value)}, not {'an integer' if field.type is int else 'a number'}")
    if field.size is not None and lengths.setdefault(field.size.axis, int(value)) != value:
        raise LayoutError(f"{path} is {value}, expected {lengths[field.size.axis]}")
    return field.type(value)


def _check_length(field: _Field, values: list[Any], lengths: dict[str, int], path: str) -> None:
    for axis in field.axes.names:
        if lengths.setdefault(axis, len(values)) != len(values):
            raise LayoutError(f"{path} has {len(values)} entries, expected {lengths[axis]}")


def _check_indices(fields: tuple[_Field, ...], values: Mapping[str, Any], lengths: Mapping[str, int], at: str) -> None:
    for field in fields:
        if field.dtype is None or field.axes.index_of is None:
            continue
        array, end = values[field.name], lengths[field.axes.index_of]
        if array.size and not 0 <= int(array.min()) <= int(array.max()) < end:
            raise LayoutError(f"{_joined(at, field.name)} holds indices outside 0 to {end - 1}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One field of a dataclass. type: of its value, or of each one in it. dtype: None where it is no array."""

    name: str
    type: type
    dtype: np.dtype[Any] | None = None
    axes: Axes = Axes()
    size: Size | None = None
    is_tuple: bool = False

    @property
    def is_part(self) -> bool:
        return self.dtype is None and self.type not in (int, float, str)


@cache
def _fields(of_class: type) -> tuple[_Field, ...]:
    hints = get_type_hints(of_class, include_extras=True)
    return tuple(_field(one.name, hints[one.name]) for one in dataclasses.fields(of_class))


def _field(name: str, hint: Any) -> _Field:
    notes = getattr(hint, "__metadata__", ())
    hint = get_args(hint)[0] if notes else hint
    axes = next((note for note in notes if isinstance(note, Axes)), Axes())
    size = next((note for note in notes if isinstance(note, Size)), None)
    if get_origin(hint) is np.ndarray:
        # NDArray[X] stands for ndarray[…, dtype[X]].
        (scalar,) = get_args(get_args(hint)[1])
        return _Field(name=name, type=np.ndarray, dtype=np.dtype(scalar), axes=axes)
    if get_origin(hint) is tuple:
        return _Field(name=name, type=get_args(hint)[0], axes=axes, is_tuple=True)
    return _Field(name=name, type=hint, size=size)


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _shape(expected: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, expected))})"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
