"""The model registry of an MLflow: versions of bundles, and aliases that say which of them is served."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from recognition.bundle import (
    CARD_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    PICKLE_FILE,
    Bundle,
    BundleError,
    Manifest,
    check_format,
    checked_content,
    load_bundle,
    read_manifest,
)
from recognition.model_uri import ModelUri
from recognition.registry_place import RegistryError, RegistryPlace, connect, registry_place, speaking_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

# All that is fetched: whatever else lies beside a bundle in the registry is none of ours.
_FILES = (MODEL_FILE, MANIFEST_FILE, CARD_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """What the registry knows of a version without its files.

    run: of the training that made it, "" where not known. tags: what was written at registration.
    """

    name: str
    version: str
    aliases: tuple[str, ...]
    created_at: datetime
    run: str
    tags: Mapping[str, str]

    @property
    def uri(self) -> ModelUri:
        return ModelUri(name=self.name, version=self.version)


class Registry:
    """Reads a registry, and sets its aliases. All methods raise RegistryError; those that read a bundle, BundleError.

    cache: folder for what was downloaded. May be emptied at any time.
    """

    def __init__(self, place: RegistryPlace, *, client: MlflowClient, cache: Path) -> None:
        self.place = place
        self._client = client
        self._cache = cache

    @classmethod
    def open(cls, *, data_dir: Path, cache_dir: Path) -> Registry:
        """Imports MLflow, which takes seconds."""
        place = registry_place(data_dir)
        return cls(place, client=connect(place), cache=cache_dir / "models")

    def names(self) -> list[str]:
        """Of all models."""
        with speaking_of(self.place):
            return sorted(str(model.name) for model in self._pages(self._client.search_registered_models))

    def versions(self, name: str) -> list[ModelVersion]:
        """All of a model, the newest first."""
        aliases = self._aliases(name)
        with speaking_of(self.place):
            found = self._pages(self._client.search_model_versions, filter_string=f"name = '{name}'")
        versions = [_version(one, aliases) for one in found]
        return sorted(versions, key=lambda one: int(one.version), reverse=True)

    def find(self, uri: ModelUri) -> ModelVersion:
        """The version that the name means just now."""
        number = uri.version or self.alias(uri.name, uri.alias or "")
        if number is None:
            aliases = self._aliases(uri.name)
            raise RegistryError(
                f"the model {uri.name!r} has no alias {uri.alias!r} in {self.place}; "
                f"it has {', '.join(aliases) or 'none'}; `handstream models promote` sets one"
            )
        with speaking_of(self.place):
            try:
                found = self._client.get_model_version(uri.name, number)
            except Exception as error:
                if _is_unknown(error):
                    raise self._no_version(uri.name, number) from None
                raise
        return _version(found, self._aliases(uri.name))

    def alias(self, name: str, alias: str) -> str | None:
        """Number of the version that it stands for, None where it stands for none."""
        return self._aliases(name).get(alias)

    def promote(self, version: ModelVersion, *, alias: str) -> str | None:
        """Let the alias stand for this version; the number of the version before, if there was one."""
        before = self.alias(version.name, alias)
        with speaking_of(self.place):
            self._client.set_registered_model_alias(version.name, alias, version.version)
        return before

    def manifest(self, version: ModelVersion) -> Manifest:
        """What the version's bundle says of itself, under the name and number of the registry."""
        with tempfile.TemporaryDirectory() as folder:
            self._download(version, MANIFEST_FILE, into=Path(folder))
            return _as_registered(read_manifest(Path(folder), called=str(version.uri)), version)

    def load(self, version: ModelVersion) -> Bundle:
        """The version's bundle, under the name and number of the registry."""
        bundle = load_bundle(self.fetch(version), called=str(version.uri))
        return replace(bundle, manifest=_as_registered(bundle.manifest, version))

    def fetch(self, version: ModelVersion) -> Path:
        """Folder of the cache that holds the version's files, of the sums that its manifest has."""
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._cache, prefix=".fetch-") as folder:
                return self._fetch(version, Path(folder))
        except OSError as error:
            raise RegistryError(
                f"cannot keep {version.uri} in {self._cache}: {error.strerror or error}; "
                "name a folder that can be written in HANDSTREAM_CACHE_DIR"
            ) from error

    def download_pickle(self, version: ModelVersion, *, into: Path) -> None:
        """Download a version of format 1 into a folder, as it is. Nothing is loaded or kept in the cache."""
        self._download(version, MANIFEST_FILE, into=into)
        # Whoever reads the manifest can say why there is none.
        self._download(version, PICKLE_FILE, into=into, needed=False)
        self._download(version, CARD_FILE, into=into, needed=False)

    def _fetch(self, version: ModelVersion, folder: Path) -> Path:
        self._download(version, MANIFEST_FILE, into=folder)
        manifest = read_manifest(folder, called=str(version.uri))
        check_format(manifest, called=str(version.uri))
        # The manifest holds the model file's sum: its own stands for both.
        kept = self._cache / hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).hexdigest()
        if kept.is_dir():
            try:
                checked_content(kept, read_manifest(kept))
            except BundleError:
                shutil.rmtree(kept, ignore_errors=True)
            else:
                return kept
        self._download(version, MODEL_FILE, into=folder)
        self._download(version, CARD_FILE, into=folder, needed=False)
        checked_content(folder, manifest, called=str(version.uri))
        whole = Path(tempfile.mkdtemp(dir=self._cache, prefix=".whole-"))
        try:
            for name in _FILES:
                if (folder / name).is_file():
                    os.replace(folder / name, whole / name)
            os.rename(whole, kept)
        except OSError:
            # Another worker was quicker, and has put the same there.
            if not kept.is_dir():
                raise
        finally:
            shutil.rmtree(whole, ignore_errors=True)
        return kept

    def _download(self, version: ModelVersion, file: str, *, into: Path, needed: bool = True) -> None:
        from mlflow.artifacts import download_artifacts, list_artifacts  # noqa: PLC0415

        with speaking_of(self.place):
            source = self._client.get_model_version_download_uri(version.name, version.version)
            where = {"tracking_uri": self.place.tracking_uri}
            there = {PurePosixPath(one.path).name for one in list_artifacts(artifact_uri=source, **where) or ()}
            if file in there:
                download_artifacts(artifact_uri=f"{source}/{file}", dst_path=str(into), **where)
            elif needed:
                raise BundleError(f"{version.uri} is no model bundle: {file} is missing in the registry")

    def _aliases(self, name: str) -> dict[str, str]:
        with speaking_of(self.place):
            try:
                found = self._client.get_registered_model(name)
            except Exception as error:
                if _is_unknown(error):
                    raise self._no_model(name) from None
                raise
        return {str(alias): str(version) for alias, version in found.aliases.items()}

    def _no_model(self, name: str) -> RegistryError:
        known = self.names()
        return RegistryError(f"there is no model {name!r} in {self.place}; it has {', '.join(known) or 'none'}")

    def _no_version(self, name: str, number: str) -> RegistryError:
        known = [one.version for one in self.versions(name)]
        return RegistryError(
            f"the model {name!r} has no version {number} in {self.place}; it has {', '.join(known) or 'none'}"
        )

    def _pages(self, search: Any, **options: Any) -> list[Any]:
        found: list[Any] = []
        token = None
        while True:
            page = search(page_token=token, **options)
            found.extend(page)
            token = page.token
            if not token:
                return found


def _version(found: Any, aliases: Mapping[str, str]) -> ModelVersion:
    number = str(found.version)
    return ModelVersion(
        name=str(found.name),
        version=number,
        aliases=tuple(sorted(alias for alias, version in aliases.items() if version == number)),
        created_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        run=str(found.run_id or ""),
        tags=dict(found.tags),
    )


def _as_registered(manifest: Manifest, version: ModelVersion) -> Manifest:
    return replace(manifest, name=version.name, version=version.version)


def _is_unknown(error: Exception) -> bool:
    return getattr(error, "error_code", None) == "RESOURCE_DOES_NOT_EXIST"
