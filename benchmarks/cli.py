"""`handstream bench`: everything side by side, on the same frames."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from supervision.exit_codes import ExitCode

if TYPE_CHECKING:
    from benchmarks.results import Results
    from benchmarks.scenario import Options

FILE_COLUMNS = 160
GROUPS = ("live", "stills", "latency", "idle", "cameras", "sizes", "backlog")
CAMERA_COUNTS = ("1", "2", "4", "8")
DEFAULT_GROUPS = ("live", "stills", "latency", "idle")
QUICK_CONTENDERS = ("mediapipe-loop", "own-loop", "handstream", "kafka-python-1", "kafka-python-2")


def bench(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer contenders and frames: under three minutes.")] = False,
    only: Annotated[
        str, typer.Option(help=f"Groups, separated by commas: {', '.join(GROUPS)}.", metavar="GROUP,…")
    ] = ",".join(DEFAULT_GROUPS),
    contenders: Annotated[
        str | None, typer.Option(help="Contenders by name, separated by commas; all where not given.", metavar="NAME,…")
    ] = None,
    cameras: Annotated[
        str, typer.Option(help="Numbers of cameras in the groups live and stills.", metavar="N,…")
    ] = ",".join(CAMERA_COUNTS),
    repeats: Annotated[int, typer.Option(help="Turns of each group.", min=1)] = 1,
    frames: Annotated[int, typer.Option(help="Frames of one throughput run, of all cameras together.", min=32)] = 480,
    processes: Annotated[
        int | None,
        typer.Option(help="Processes of each contender; one a core by default.", min=1),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Seconds of each load when latency is measured.", min=2)] = 8.0,
    images: Annotated[
        Path | None, typer.Option(help="A folder of images to use instead of rendered hands.", metavar="FOLDER")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the figures as JSON; a file of the current folder where not given.")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Draw the figures into this folder as PNG files.", metavar="FOLDER")
    ] = None,
) -> None:
    """Measure Handstream beside the bare loops and what one would write instead, on the same frames.

    Needs a checkout of the project. The other contenders get an environment of their own: `make bench` makes it.

    \b
    Examples:
      handstream bench --quick
      handstream bench --only live,latency --repeats 3
      handstream bench --only live --contenders mediapipe-loop,handstream --images photos
    """
    from benchmarks.scenario import Group, Options  # noqa: PLC0415

    options = Options(
        groups=[Group(name) for name in _names(only, known=GROUPS, option="--only")],
        contenders=_contenders(contenders, quick=quick),
        camera_counts=[int(name) for name in _names(cameras, known=CAMERA_COUNTS, option="--cameras")],
        repeats=repeats,
        processes=processes,
        frames=min(frames, 240) if quick else frames,
        film_images=20 if quick else 40,
        images=images,
        latency_seconds=min(seconds, 5.0) if quick else seconds,
        loads=(0.6,) if quick else (0.3, 0.6, 0.9),
    )
    started = datetime.now(UTC)
    file = out or Path(f"bench-{started:%Y%m%d-%H%M%S}.json")
    results, failures = _run(options, started=started, file=file)
    _print(results)
    if plots is not None:
        from benchmarks.plots import draw_all  # noqa: PLC0415

        draw_all([results], folder=plots)
    typer.echo(f"figures: {file}", err=True)
    if failures:
        typer.echo(f"{len(failures)} runs failed: {'; '.join(text.splitlines()[0] for text in failures)}", err=True)
        raise typer.Exit(ExitCode.FAILED)


def _run(options: Options, *, started: datetime, file: Path) -> tuple[Results, list[str]]:
    from benchmarks.contender import PEERS_PYTHON  # noqa: PLC0415
    from benchmarks.machine import this_machine  # noqa: PLC0415
    from benchmarks.results import Results  # noqa: PLC0415
    from benchmarks.scenario import Benchmark  # noqa: PLC0415
    from broker.embedded.node import EmbeddedBroker  # noqa: PLC0415
    from handstream.plan.broker_warm_up import warm_broker  # noqa: PLC0415
    from producers.source import SourceError  # noqa: PLC0415
    from settings import load_settings  # noqa: PLC0415

    if not PEERS_PYTHON.exists():
        typer.echo("The other contenders are left out: `make bench` installs what they need first", err=True)
    results = Results(started_at=started.isoformat(timespec="seconds"), machine=this_machine())
    with EmbeddedBroker(settings=load_settings(), ephemeral=True) as broker:
        status = broker.status()
        benchmark = Benchmark(
            options=options,
            settings=broker.settings(),
            broker_pid=None if status is None else status.pid,
            results=results,
            save=lambda: results.save(file),
            progress=lambda text: typer.echo(text, err=True),
        )
        warm_broker(broker.settings())
        try:
            benchmark.run()
        except SourceError as error:
            typer.echo(f"handstream bench: {error}", err=True)
            raise typer.Exit(ExitCode.BAD_USE) from error
        except KeyboardInterrupt:
            typer.echo("interrupted: these are the figures so far", err=True)
    results.save(file)
    return results, benchmark.failures


def _print(results: Results) -> None:
    from benchmarks.tables import all_grids  # noqa: PLC0415

    machine = results.machine
    console = Console()
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    console.print(
        f"{machine.processor}, {machine.cores} cores, bf16: {'yes' if machine.has_bf16 else 'no'}; {machine.system}, "
        f"Python {machine.python}; " + ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    )
    for grid in all_grids([results]).values():
        console.print(grid.to_rich())


def _contenders(text: str | None, *, quick: bool) -> frozenset[str] | None:
    from benchmarks.contender import CONTENDERS  # noqa: PLC0415

    if text is None:
        return frozenset(QUICK_CONTENDERS) if quick else None
    return frozenset(_names(text, known=tuple(CONTENDERS), option="--contenders"))


def _names(text: str, *, known: tuple[str, ...], option: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        wrong = ", ".join(repr(name) for name in unknown) or "nothing"
        raise typer.BadParameter(f"{wrong} is none of {', '.join(known)}", param_hint=option)
    return names
