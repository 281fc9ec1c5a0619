"""The kinds of model that a bundle may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from recognition.bundle_arrays import DOCUMENT, ModelFileError, packed, unpacked
from recognition.bundle_layout import from_tree, to_tree
from recognition.classifier import CalibratedClassifier, Classifier
from recognition.features import FEATURE_COUNT
from recognition.kernel_svm import KernelSvm
from recognition.linear import LinearModel
from recognition.trees import BoostedTrees, Forest

_SCORERS: tuple[Any, ...] = (LinearModel, KernelSvm, Forest, BoostedTrees)
# A new kind of scorer is a frozen dataclass with a `kind`, its fields annotated as bundle_layout describes, and named
# here.
KINDS: Mapping[str, type] = MappingProxyType({scorer.kind: scorer for scorer in _SCORERS})


def model_file(classifier: Classifier, *, kinds: Mapping[str, type] = KINDS) -> bytes:
    """What a model file of it holds. Raises LayoutError for a model of a kind that no bundle can hold."""
    tree, arrays = to_tree(classifier, kinds=kinds)
    content = packed(msgspec.json.encode(tree), arrays)
    # What is written can be read, or is not written.
    read_model(content, kinds=kinds)
    return content


def read_model(content: bytes, *, kinds: Mapping[str, type] = KINDS) -> CalibratedClassifier:
    """The classifier of a model file. Raises ModelFileError or LayoutError where it holds none."""
    document, arrays = unpacked(content)
    try:
        tree = msgspec.json.decode(document)
        return from_tree(CalibratedClassifier, tree, arrays, kinds=kinds, sizes={"features": FEATURE_COUNT})
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ModelFileError(f"{DOCUMENT} cannot be read ({type(error).__name__}: {error})") from error
