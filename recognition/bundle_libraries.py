"""Whether a model was trained with the libraries that are installed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

log = logging.getLogger("handstream.model")


def other_major_versions(libraries: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Libraries that are installed in another major version than the one given, with both versions.

    libraries: version by name. One that is not installed is left out: serving needs none that training alone uses.
    """
    found = {}
    for name, trained_with in libraries.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if installed.partition(".")[0] != trained_with.partition(".")[0]:
            found[name] = (trained_with, installed)
    return found


def warn_of_other_versions(libraries: Mapping[str, str], *, model: str, model_version: str) -> None:
    """One warning for each library of another major version: the model is served all the same."""
    for library, (trained_with, installed) in other_major_versions(libraries).items():
        # In the message itself, since commands such as `handstream predict` print nothing else of a warning.
        log.warning(
            "Model %s %s was trained with %s %s; %s is installed",
            model,
            model_version,
            library,
            trained_with,
            installed,
            extra={
                "model": model,
                "model_version": model_version,
                "library": library,
                "trained_with": trained_with,
                "installed": installed,
            },
        )
