"""JavaScript that comes inside installed Python packages and is served from there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def uplot_dir() -> Path:
    """Where `uPlot.iife.js` and `uPlot.min.css` are."""
    return _package_dir("uplot") / "static"


def swagger_ui_dir() -> Path:
    """Where `swagger-ui-bundle.js` and `swagger-ui.css` are."""
    return _package_dir("fastapi_offline") / "static"


def _package_dir(package: str) -> Path:
    # Found, not imported: the packages' own Python is not wanted, and uplot's would ask for IPython.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed: run `make setup`")
    return Path(next(iter(spec.submodule_search_locations)))
