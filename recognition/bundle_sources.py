"""What a user may name as the model to serve."""

from __future__ import annotations

from pathlib import Path

from recognition.bundle import MANIFEST_FILE, SHIPPED_BUNDLE, BundleError
from recognition.bundle_folder import FolderSource
from recognition.bundle_registry import RegistrySource
from recognition.bundle_source import BundleSource
from recognition.model_uri import is_model_uri, parse_model_uri
from recognition.registry_place import check_answers, registry_place


def bundle_source(model: str | None, *, data_dir: Path, cache_dir: Path) -> BundleSource:
    """The source of a folder, `models:/NAME@ALIAS` or `models:/NAME/VERSION`; None is the shipped bundle.

    Nothing is opened or loaded yet. Raises BundleError for what cannot be a name or is no folder of a bundle.
    """
    if model is None:
        return FolderSource(SHIPPED_BUNDLE)
    if is_model_uri(model):
        return RegistrySource(parse_model_uri(model), data_dir=data_dir, cache_dir=cache_dir)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise BundleError(f"there is no folder {folder}: name one with a {MANIFEST_FILE}, or models:/NAME@ALIAS")
    return FolderSource(folder.absolute())


def check_model(model: str | None, *, data_dir: Path, cache_dir: Path) -> None:
    """Raises BundleError for what bundle_source refuses, and for a registry that does not answer."""
    bundle_source(model, data_dir=data_dir, cache_dir=cache_dir)
    if model is not None and is_model_uri(model):
        check_answers(registry_place(data_dir))


def load_classes(model: str | None, *, data_dir: Path, cache_dir: Path) -> tuple[str, ...]:
    """The classes of a model that is named as above. Raises BundleError."""
    return bundle_source(model, data_dir=data_dir, cache_dir=cache_dir).load().manifest.classes
