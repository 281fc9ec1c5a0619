"""Which MLflow is used: one decision for training, serving and the commands."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.redaction import redact_text
from recognition.bundle_source import SourceUnavailable
from recognition.registry_probe import why_no_answer

if TYPE_CHECKING:
    from mlflow import MlflowClient

# MLflow would wait two minutes for an answer and ask seven times.
TIMEOUT_SECONDS = 5
RETRIES = 1


class RegistryError(SourceUnavailable):
    """The registry cannot be asked, or does not have what was asked for: the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPlace:
    """tracking_uri: where runs are. registry_uri: where models are.

    folder: of our own store, None where the user named one.
    """

    tracking_uri: str
    registry_uri: str
    folder: Path | None

    @property
    def artifacts(self) -> str | None:
        """Where files of our own store lie; a store that the user named knows it itself."""
        return None if self.folder is None else (self.folder / "artifacts").as_uri()

    def __str__(self) -> str:
        return redact_text(self.registry_uri)


def registry_place(data_dir: Path) -> RegistryPlace:
    """MLFLOW_TRACKING_URI and MLFLOW_REGISTRY_URI, as MLflow reads them; without them, an SQLite store of our own.

    data_dir: the folder below which our own store is.
    """
    folder = data_dir / "mlflow"
    own = f"sqlite:///{folder / 'mlflow.db'}"
    tracking = os.environ.get("MLFLOW_TRACKING_URI") or own
    registry = os.environ.get("MLFLOW_REGISTRY_URI") or tracking
    return RegistryPlace(
        tracking_uri=tracking, registry_uri=registry, folder=folder if own in (tracking, registry) else None
    )


def check_answers(place: RegistryPlace) -> None:
    """Raises RegistryError within seconds where a server that was named does not answer, without importing MLflow."""
    registry = "MLFLOW_REGISTRY_URI" if place.registry_uri != place.tracking_uri else "MLFLOW_TRACKING_URI"
    for setting, address in {"MLFLOW_TRACKING_URI": place.tracking_uri, registry: place.registry_uri}.items():
        if not address.startswith(("http://", "https://")):
            continue
        reason = why_no_answer(address)
        if reason is not None:
            raise RegistryError(
                f"MLflow does not answer at {redact_text(address)} ({reason}): start it, "
                f"or name another one in {setting}"
            )


def connect(place: RegistryPlace, *, create: bool = False) -> MlflowClient:
    """A client of that MLflow. Imports MLflow, which takes seconds. Raises RegistryError.

    create: make our own store where there is none yet.
    """
    if place.folder is not None:
        if not create and not (place.folder / "mlflow.db").is_file():
            raise RegistryError(
                f"there is no model registry in {place.folder} yet: `handstream train` makes one; "
                "or name yours in MLFLOW_TRACKING_URI"
            )
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RegistryError(
                f"cannot make {place.folder}: {error.strerror or error}; "
                "name a folder that can be written in HANDSTREAM_DATA_DIR"
            ) from error
    check_answers(place)
    _keep_mlflow_quiet()
    try:
        from mlflow import MlflowClient  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise RegistryError(
            f"MLflow is not installed ({error.name} is missing): `make training` installs it, "
            "or `pip install 'handstream[training]'`"
        ) from error
    with speaking_of(place):
        return MlflowClient(tracking_uri=place.tracking_uri, registry_uri=place.registry_uri)


@contextmanager
def speaking_of(place: RegistryPlace) -> Iterator[None]:
    """Raise what goes wrong with MLflow inside as one RegistryError that a user understands."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        yield
    except MlflowException as error:
        raise RegistryError(_told(error, place)) from error
    except ModuleNotFoundError as error:
        raise RegistryError(f"the store {place} needs the package {error.name}, which is not installed") from error
    except Exception as error:
        # MLflow lets some of its database's errors through.
        if isinstance(error, OSError) or type(error).__module__.startswith("sqlalchemy"):
            raise RegistryError(f"the store {place} cannot be used: {_first_line(error)}") from error
        raise


def _told(error: Any, place: RegistryPlace) -> str:
    if isinstance(error.__context__, OSError) and "API request to" in str(error):
        return (
            f"MLflow does not answer at {place}: start it, or name another one in MLFLOW_TRACKING_URI "
            f"({type(error.__context__).__name__})"
        )
    return f"MLflow at {place}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = redact_text(str(error)).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]


def _keep_mlflow_quiet() -> None:
    # Its telemetry would leave the machine. Read once, when it is imported.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for name, value in {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(TIMEOUT_SECONDS),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(RETRIES),
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
    }.items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.ERROR)
