"""All figures of a bundle under flat names, and how those of several differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recognition.bundle import Manifest

DATA = "data: "

Figures = Mapping[str, float]


def figures(manifest: Manifest) -> dict[str, float]:
    """Figures of the evaluation first, then each kind's as `kind: figure`, then those of the data as `data: figure`."""
    return {
        "threshold": manifest.threshold,
        **{f"threshold: {gesture}": value for gesture, value in manifest.thresholds.items()},
        "classes": float(len(manifest.classes)),
        **manifest.metrics,
        **{f"{kind}: {name}": value for kind, of in manifest.candidates.items() for name, value in of.items()},
        **{DATA + name: value for name, value in manifest.data.items()},
    }


def side_by_side(all_figures: Sequence[Figures]) -> dict[str, list[float | None]]:
    """Each figure with its value in each version, None where a version lacks it."""
    names = dict.fromkeys(name for of in all_figures for name in of)
    return {name: [of.get(name) for of in all_figures] for name in names}


def differences(values: Sequence[float | None]) -> list[float | None]:
    """Of each value to the first, None where one of both is missing."""
    first = values[0]
    return [None if first is None or value is None else value - first for value in values]
