"""`handstream models`: look into the model registry, and say which version is served."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from handstream.models.asking import speaking
from handstream.models.convert import convert_bundle, convertible
from handstream.models.export import export_bundle
from handstream.models.figures import differences, figures, side_by_side
from handstream.models.live_reference import live_reference, read_predictions
from handstream.models.tables import compare_table, list_table, show_table
from recognition.bundle import PICKLE_FILE, SHIPPED_BUNDLE, BundleError, load_bundle
from recognition.model_uri import CHAMPION, ModelUri, is_model_uri, parse_model_uri
from recognition.registry import ModelVersion, Registry

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help="Versions of models in the registry: list, show, compare, promote, export; convert; the reference.\n\n"
    "The registry is an MLflow: the one that MLFLOW_TRACKING_URI names, else a store of this user's own.",
)

Name = Annotated[
    str, typer.Argument(help="Name of the model, or models:/NAME@ALIAS, models:/NAME/VERSION.", metavar="NAME")
]
Which = Annotated[
    str | None,
    typer.Argument(help="Number or alias; 'champion' where not given, else the newest.", metavar="[VERSION|ALIAS]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list")
def list_(
    name: Annotated[str | None, typer.Argument(help="Only of this model.", metavar="[NAME]")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """All versions, the newest first, and what they are known as.

    \b
    Examples:
      handstream models list
      handstream models list gestures --json
    """
    with speaking() as asked:
        registry = asked.registry()
        names = registry.names() if name is None else [name]
        versions = [version for one in names for version in registry.versions(one)]
    if as_json:
        _print_json([_version_json(version) for version in versions])
    elif versions:
        Console().print(list_table(versions))
    else:
        typer.echo("there are no models yet: `handstream train` registers one", err=True)


@app.command()
def show(name: Name, which: Which = None, *, as_json: AsJson = False) -> None:
    """All that a version says of itself: figures, classes, data.

    \b
    Examples:
      handstream models show gestures
      handstream models show gestures 2 --json
      handstream models show models:/gestures@champion
    """
    with speaking() as asked:
        registry = asked.registry()
        version = _find(registry, name, which)
        manifest = registry.manifest(version)
    if as_json:
        _print_json({**_version_json(version), "manifest": msgspec.to_builtins(manifest)})
    else:
        Console().print(show_table(version, manifest), highlight=False)


@app.command()
def compare(
    name: Annotated[str, typer.Argument(help="Name of the model.", metavar="NAME")],
    which: Annotated[
        list[str], typer.Argument(help="Two or more numbers or aliases.", metavar="VERSION|ALIAS VERSION|ALIAS ...")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Figures of versions side by side, with their differences to the first.

    \b
    Examples:
      handstream models compare gestures champion 3
      handstream models compare gestures 1 2 3 --json
    """
    if len(which) < 2:
        raise typer.BadParameter("name two or more versions", param_hint="VERSION|ALIAS")
    with speaking() as asked:
        registry = asked.registry()
        versions = [_find(registry, name, one) for one in which]
        manifests = [registry.manifest(version) for version in versions]
    if as_json:
        rows = side_by_side([figures(manifest) for manifest in manifests])
        _print_json(
            {
                "name": name,
                "versions": [version.version for version in versions],
                "figures": rows,
                "differences": {figure: differences(values) for figure, values in rows.items()},
            }
        )
    else:
        Console().print(compare_table(versions, manifests), highlight=False)


@app.command()
def promote(
    name: Name,
    which: Annotated[str | None, typer.Argument(help="Number or alias.", metavar="VERSION|ALIAS")] = None,
    *,
    alias: Annotated[str, typer.Option(help="What the version is to be known as.")] = CHAMPION,
    as_json: AsJson = False,
) -> None:
    """Let the alias stand for this version. Workers that serve models:/NAME@ALIAS take it up within seconds.

    A bundle that could not be served here is refused, and the alias stays where it was.

    \b
    Examples:
      handstream models promote gestures 3
      handstream models promote gestures 3 --alias canary
    """
    if alias.isdigit():
        raise typer.BadParameter("an alias is a word, a number is a version", param_hint="--alias")
    if which is None and not is_model_uri(name):
        raise typer.BadParameter(f"say which version of {name}", param_hint="VERSION|ALIAS")
    with speaking() as asked:
        registry = asked.registry()
        version = _find(registry, name, which)
        registry.load(version)
        before = registry.promote(version, alias=alias)
    if as_json:
        _print_json({"name": version.name, "alias": alias, "version": version.version, "before": before})
    else:
        told = "it stood for none before" if before is None else f"it was {before}"
        told = "as before" if before == version.version else told
        typer.echo(f"models:/{version.name}@{alias} is version {version.version} now, {told}")


@app.command()
def export(
    name: Name,
    which: Which = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write; a bundle in it is replaced.", metavar="FOLDER")],
) -> None:
    """Write a version's bundle into a folder, which is then served without a registry.

    \b
    Examples:
      handstream models export gestures --out models/mine
      handstream models export gestures 2 --out /srv/handstream/model
    """
    with speaking() as asked:
        registry = asked.registry()
        version = _find(registry, name, which)
        manifest = registry.load(version).manifest
        export_bundle(registry.fetch(version), manifest=manifest, out=out)
    typer.echo(f"{version.uri} written to {out}")


@app.command()
def convert(
    bundle: Annotated[
        str, typer.Argument(help="Folder of the bundle, or models:/NAME@ALIAS, models:/NAME/VERSION.", metavar="OLD")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write; a bundle in it is replaced. The old folder itself where not given.", metavar="FOLDER"
        ),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help=f"Run the code that {PICKLE_FILE} may contain, without being asked.")
    ] = False,
) -> None:
    """Write a bundle with a model.joblib anew, as arrays that are loaded without running code.

    Loading the old file runs whatever code its maker put into it: do so only where you trust them. Its sha256 is
    compared with the manifest before. Gestures, figures and probabilities stay the same; the model's sha256 does not.

    \b
    Examples:
      handstream models convert models/mine
      handstream models convert models/mine --out models/mine-arrays --trust
      handstream models convert models:/gestures/2 --out models/gestures-2
    """
    if out is None and is_model_uri(bundle):
        raise typer.BadParameter(f"name the folder for what is made of {bundle}", param_hint="--out")
    with speaking() as asked, tempfile.TemporaryDirectory() as temporary:
        folder = Path(bundle).expanduser()
        if is_model_uri(bundle):
            folder = Path(temporary)
            registry = asked.registry()
            registry.download_pickle(registry.find(parse_model_uri(bundle)), into=folder)
        convertible(folder, called=bundle)
        if not trust:
            _ask_for_trust(bundle)
        written = convert_bundle(folder, out=out or folder, called=bundle)
    typer.echo(f"{written.name} {written.version} written to {out or folder}, its model has sha256 {written.sha256}")


def _ask_for_trust(bundle: str) -> None:
    warning = f"{PICKLE_FILE} of {bundle} is a pickle: loading it runs whatever code its maker put into it"
    if not sys.stdin.isatty():
        raise BundleError(f"{warning}. Convert it with --trust if you trust them")
    typer.confirm(f"{warning}. Do you trust them?", abort=True, err=True)


@app.command()
def reference(
    predictions: Annotated[
        Path, typer.Argument(help="Lines of `handstream tail --format jsonl`.", metavar="FILE", dir_okay=False)
    ],
    *,
    bundle: Annotated[
        Path, typer.Option(help="Folder of the bundle that named them.", metavar="FOLDER")
    ] = SHIPPED_BUNDLE,
    out: Annotated[Path, typer.Option(help="Folder to write; a bundle in it is replaced.", metavar="FOLDER")],
) -> None:
    """Write the same model with a reference of what the own cameras show, instead of that of its training.

    Drift is then the distance to these days; docs/drift.md says when which reference is the better one.

    \b
    Examples:
      handstream tail --from 2026-01-05T08:00:00Z --until-end --format jsonl > week.jsonl
      handstream models reference week.jsonl --out models/mine
      handstream models reference week.jsonl --bundle models/mine --out models/mine
    """
    with speaking():
        manifest = load_bundle(bundle).manifest
        found = live_reference(read_predictions(predictions), manifest=manifest)
        export_bundle(bundle, manifest=dataclasses.replace(manifest, reference=found), out=out)
    typer.echo(f"{manifest.name} {manifest.version} with a reference of {found.origin} written to {out}")


def _find(registry: Registry, name: str, which: str | None) -> ModelVersion:
    if is_model_uri(name):
        if which is not None:
            raise typer.BadParameter(f"{name} says already which version it is", param_hint="VERSION|ALIAS")
        return registry.find(parse_model_uri(name))
    if which is not None:
        return registry.find(
            ModelUri(name=name, version=which) if which.isdigit() else ModelUri(name=name, alias=which)
        )
    if registry.alias(name, CHAMPION) is not None:
        return registry.find(ModelUri(name=name, alias=CHAMPION))
    newest = next(iter(registry.versions(name)), None)
    if newest is None:
        raise BundleError(f"the model {name!r} has no versions: `handstream train` registers one")
    return newest


def _version_json(version: ModelVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "aliases": list(version.aliases),
        "created_at": version.created_at.isoformat(),
        "run": version.run,
        "tags": dict(version.tags),
    }


def _print_json(value: Any) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
