"""What `handstream train --extend` does: from a bundle and hands to a bundle, its card and its run in MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from recognition.bundle import Bundle, save_bundle
from recognition.bundle_sources import bundle_source
from settings import load_settings
from training.extender import Extended, extend_bundle
from training.extension_report import extension_table, summary_lines, write_extension_card
from training.hands import DataError, Hands
from training.other_hands import load_other_hands
from training.tracking import Tracker


def load_base(model: str, *, not_used: Mapping[str, object]) -> Bundle:
    """The model to extend. Raises BundleError; DataError where an option was given that has no use here.

    not_used: values of these options by name.
    """
    given = [name for name, value in not_used.items() if value]
    if given:
        raise DataError(
            f"{', '.join(given)} cannot go with --extend: it takes the kind of the model as it is, and its report is "
            "the model card; judge it on pictures with `handstream evaluate images --model`"
        )
    settings = load_settings()
    return bundle_source(model, data_dir=settings.data_dir, cache_dir=settings.cache_dir).load()


def extend(
    base: Bundle,
    hands: Hands,
    *,
    out: Path,
    name: str,
    version: str,
    origin: str,
    tracker: Tracker | None,
    seed: int,
    console: Console,
) -> None:
    """Write the extended bundle to `out`, keep the run where there is a tracker, and print what it came to.

    Raises DataError, RegistryError and OSError.
    """
    extended = extend_bundle(base, hands, others=load_other_hands(), name=name, version=version, seed=seed)
    saved = save_bundle(out, classifier=extended.bundle.classifier, manifest=extended.bundle.manifest)
    extended = replace(extended, bundle=replace(extended.bundle, manifest=saved))
    write_extension_card(out, extended, base=base.manifest, origin=origin)
    lines = summary_lines(extended.figures)
    lines.append(f"{saved.name} {saved.version}, {base.manifest.name} {base.manifest.version} extended, in {out}")
    if tracker is not None:
        lines.append(_kept(tracker, extended, base=base, hands=hands, out=out, seed=seed))
    console.print(extension_table(extended.figures))
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _kept(tracker: Tracker, extended: Extended, *, base: Bundle, hands: Hands, out: Path, seed: int) -> str:
    manifest = extended.bundle.manifest
    with tracker.run(f"{manifest.name} {manifest.version}", tags={"seed": str(seed)}) as run:
        run.dataset(hands.files, figures=manifest.data)
        run.params({"seed": seed, "kind": manifest.kind, "extends": base.manifest.sha256})
        run.metrics(manifest.metrics)
        number = run.register(out, name=manifest.name)
    return f"registered as version {number} of {manifest.name}; look with: {tracker.how_to_look()}"
