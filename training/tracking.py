"""Every training run on record: parameters, figures, data and the bundle, in MLflow."""

from __future__ import annotations

import getpass
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from recognition.bundle import load_bundle
from recognition.registry_place import RegistryError, RegistryPlace, connect, registry_place, speaking_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "handstream"
BUNDLE_FOLDER = "bundle"
FIGURES_FOLDER = "figures"

# Limits of MLflow's own stores.
_PARAMS_AT_ONCE = 100
_METRICS_AT_ONCE = 1000
_DIGEST_LENGTH = 36
_NOT_IN_A_NAME = re.compile(r"[^\w.\-/ :]")

Value = str | int | float | bool | None


class TrackedRun(Protocol):
    """What a training run leaves behind.

    kind: of the candidate that it is about; None for the run as a whole. In MLflow each kind is a run of its own below
    the whole one, so that the kinds stand side by side under the same names. All but `id` raise RegistryError.
    """

    @property
    def id(self) -> str: ...

    def params(self, values: Mapping[str, Value], *, kind: str | None = None) -> None:
        """What was chosen. A parameter is written once."""

    def metrics(self, values: Mapping[str, float], *, kind: str | None = None) -> None:
        """What was measured, seconds and ratios 0..1 among it."""

    def figure(self, name: str, content: bytes | str | Path, *, kind: str | None = None) -> None:
        """A picture or page as `figures/<name>`: its bytes, its text or the file that holds it."""

    def dataset(self, sources: Mapping[str, str], *, figures: Mapping[str, float] | None = None) -> None:
        """What was trained on: sha256 of each source by name, and figures of all of it (`data_<name>`)."""

    def register(self, folder: Path, *, name: str) -> str:
        """Keep the bundle and make it the next version of the model; the version. Raises BundleError if it is none."""


class Tracker:
    """Runs in one experiment of an MLflow: our own SQLite store, or what MLflow's variables name."""

    def __init__(self, place: RegistryPlace, *, client: MlflowClient) -> None:
        self.place = place
        self._client = client

    @classmethod
    def open(cls, *, data_dir: Path) -> Tracker:
        """Imports MLflow and makes our own store where there is none, which takes seconds. Raises RegistryError."""
        place = registry_place(data_dir)
        return cls(place, client=connect(place, create=True))

    @contextmanager
    def run(self, name: str, *, tags: Mapping[str, str] | None = None) -> Iterator[TrackedRun]:
        """A run that is FINISHED, KILLED by Ctrl-C or FAILED, as the block is left. Raises RegistryError."""
        with speaking_of(self.place):
            run = _MlflowRun(self._client, place=self.place, experiment=self._experiment(), name=name, tags=tags or {})
        try:
            yield run
        except BaseException as error:
            # Where MLflow itself is the fault, what was raised first says more.
            with suppress(RegistryError):
                run.end("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
            raise
        run.end("FINISHED")

    def next_version(self, name: str) -> str:
        """The version that `register` will give to the next bundle of that name, so that its manifest can say it."""
        with speaking_of(self.place):
            known = self._client.search_model_versions(f"name = '{name}'")
        return str(max((int(version.version) for version in known), default=0) + 1)

    def how_to_look(self) -> str:
        """How the user sees what was tracked."""
        if self.place.folder is None:
            return str(self.place)
        return f"mlflow ui --backend-store-uri {self.place.tracking_uri}"

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(EXPERIMENT, artifact_location=self.place.artifacts))


class _MlflowRun:
    """Goes by the client alone: MLflow's functions keep a run of the process, and look for a git repository."""

    def __init__(
        self, client: MlflowClient, *, place: RegistryPlace, experiment: str, name: str, tags: Mapping[str, str]
    ) -> None:
        self._client = client
        self._place = place
        self._experiment = experiment
        self.id = self._create(name, tags)
        self._kinds: dict[str, str] = {}

    def params(self, values: Mapping[str, Value], *, kind: str | None = None) -> None:
        from mlflow.entities import Param  # noqa: PLC0415

        with speaking_of(self._place):
            params = [Param(_name(name), str(value)) for name, value in values.items()]
            for first in range(0, len(params), _PARAMS_AT_ONCE):
                self._client.log_batch(self._run(kind), params=params[first : first + _PARAMS_AT_ONCE])

    def metrics(self, values: Mapping[str, float], *, kind: str | None = None) -> None:
        from mlflow.entities import Metric  # noqa: PLC0415

        with speaking_of(self._place):
            now_ms = int(time.time() * 1000)
            metrics = [Metric(_name(name), float(value), now_ms, 0) for name, value in values.items()]
            for first in range(0, len(metrics), _METRICS_AT_ONCE):
                self._client.log_batch(self._run(kind), metrics=metrics[first : first + _METRICS_AT_ONCE])

    def figure(self, name: str, content: bytes | str | Path, *, kind: str | None = None) -> None:
        path = PurePosixPath(FIGURES_FOLDER, name)
        with speaking_of(self._place), tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / path.name
            if isinstance(content, Path):
                content = content.read_bytes()
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            self._client.log_artifact(self._run(kind), str(file), artifact_path=str(path.parent))

    def dataset(self, sources: Mapping[str, str], *, figures: Mapping[str, float] | None = None) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415

        datasets = [
            DatasetInput(
                dataset=Dataset(
                    name=name,
                    # MLflow keeps no more of it; the whole sum stands in the source.
                    digest=digest[:_DIGEST_LENGTH],
                    source_type="local",
                    source=json.dumps({"name": name, "sha256": digest}),
                ),
                tags=[InputTag("mlflow.data.context", "training")],
            )
            for name, digest in sources.items()
        ]
        with speaking_of(self._place):
            self._client.log_inputs(self.id, datasets)
        if figures:
            self.metrics({f"data_{name}": value for name, value in figures.items()})

    def register(self, folder: Path, *, name: str) -> str:
        manifest = load_bundle(folder).manifest
        winner = manifest.candidates.get(manifest.kind, {})
        tags = {
            "sha256": manifest.sha256,
            "kind": manifest.kind,
            "features": manifest.features,
            "bundle": f"{manifest.name} {manifest.version}",
            **{figure: str(value) for figure, value in winner.items() if figure.endswith("_accuracy")},
        }
        with speaking_of(self._place):
            self._client.log_artifacts(self.id, str(folder), BUNDLE_FOLDER)
            self._make_model(name)
            uri = f"{self._client.get_run(self.id).info.artifact_uri}/{BUNDLE_FOLDER}"
            version = self._client.create_model_version(name, uri, run_id=self.id, tags=tags)
        return str(version.version)

    def end(self, status: str) -> None:
        with speaking_of(self._place):
            for run in (*self._kinds.values(), self.id):
                self._client.set_terminated(run, status=status)

    def _make_model(self, name: str) -> None:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415

        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _run(self, kind: str | None) -> str:
        if kind is None:
            return self.id
        if kind not in self._kinds:
            self._kinds[kind] = self._create(kind, {"mlflow.parentRunId": self.id, "kind": kind})
        return self._kinds[kind]

    def _create(self, name: str, tags: Mapping[str, str]) -> str:
        about = {"mlflow.user": _user(), "mlflow.source.name": "handstream train", "mlflow.source.type": "LOCAL"}
        run = self._client.create_run(self._experiment, run_name=name, tags={**about, **tags})
        return str(run.info.run_id)


class RememberedRun:
    """A run that is kept in memory: what tests look at, and what stands in where nothing is to be tracked."""

    id = "remembered"

    def __init__(self) -> None:
        self.params_of: dict[str | None, dict[str, Value]] = {}
        self.metrics_of: dict[str | None, dict[str, float]] = {}
        self.figures: dict[str, bytes | str | Path] = {}
        self.sources: dict[str, str] = {}
        self.registered: list[tuple[str, Path]] = []

    def params(self, values: Mapping[str, Value], *, kind: str | None = None) -> None:
        self.params_of.setdefault(kind, {}).update(values)

    def metrics(self, values: Mapping[str, float], *, kind: str | None = None) -> None:
        self.metrics_of.setdefault(kind, {}).update(values)

    def figure(self, name: str, content: bytes | str | Path, *, kind: str | None = None) -> None:
        self.figures[f"{kind}/{name}" if kind else name] = content

    def dataset(self, sources: Mapping[str, str], *, figures: Mapping[str, float] | None = None) -> None:
        self.sources.update(sources)
        self.metrics({f"data_{name}": value for name, value in (figures or {}).items()})

    def register(self, folder: Path, *, name: str) -> str:
        self.registered.append((name, folder))
        return str(len(self.registered))


def _name(text: str) -> str:
    """MLflow takes letters, digits and a few signs in names."""
    return _NOT_IN_A_NAME.sub("_", text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A user id without a name, as in containers.
        return "unknown"
