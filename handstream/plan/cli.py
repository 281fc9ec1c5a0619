"""`handstream plan`: partitions, workers, cores, memory, bandwidth and disk for a number of cameras."""

from __future__ import annotations

import re
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from broker.topics import BrokerError
from handstream.plan.costs import Costs, CostsError, load_costs, own_costs_path
from handstream.plan.plan import Workload, plan_at_camera, plan_kafka, warnings
from handstream.plan.table import costs_line, plan_json, plan_table
from settings import Settings, SettingsError, load_settings
from stream_app.cli import core_count
from supervision.exit_codes import ExitCode

FILE_COLUMNS = 120
MIN_SIDE, MAX_SIDE = 64, 8192
_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


def plan(
    *,
    cameras: Annotated[int | None, typer.Option(help="Number of cameras.", min=1, metavar="N")] = None,
    fps: Annotated[float, typer.Option(help="Frames per second of each.", min=0.01, max=240)] = 15.0,
    size: Annotated[str, typer.Option(help="Pixels of their images.", metavar="WIDTHxHEIGHT")] = "1280x720",
    active: Annotated[
        float, typer.Option(help="Share of the frames with a hand or motion, 0 to 1.", min=0, max=1)
    ] = 1.0,
    max_load: Annotated[
        float, typer.Option(help="Share of a core that a worker process may use on average.", min=0.05, max=0.95)
    ] = 0.6,
    cores: Annotated[
        int | None, typer.Option(help="Cores of a machine that runs workers; those of this one by default.", min=1)
    ] = None,
    readers: Annotated[int, typer.Option(help="Consumers that read all predictions.", min=0)] = 1,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Measure the costs on this machine first; takes a minute."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Compute what a number of cameras takes: with frames through Kafka, and with recognition at the camera.

    Retention and replication are those of the settings. The formulas are in docs/performance.md.

    \b
    Examples:
      handstream plan --calibrate
      handstream plan --cameras 1000 --fps 15 --size 1280x720
      handstream plan --cameras 200 --active 0.2 --json
    """
    width, height = _size(size)
    if cameras is None and not calibrate:
        raise typer.BadParameter("is needed: how many cameras?", param_hint="--cameras")
    try:
        settings = load_settings()
        if calibrate:
            _calibrate(settings)
        costs, measured_here = load_costs(settings)
    except (SettingsError, CostsError) as error:
        raise _failed(str(error), ExitCode.BAD_USE) from error
    if cameras is None:
        typer.echo(costs_line(costs, measured_here=measured_here))
        return
    workload = Workload(
        cameras=cameras,
        fps=fps,
        width=width,
        height=height,
        active=active,
        max_load=max_load,
        readers=readers,
        cores_per_machine=cores or core_count(),
        partitions=settings.partitions,
        frames_retention_seconds=settings.frames_retention_minutes * 60,
        predictions_retention_seconds=settings.predictions_retention_hours * 3600,
        replication_factor=settings.replication_factor,
    )
    _show(workload, costs, measured_here=measured_here, as_json=json)


def _show(workload: Workload, costs: Costs, *, measured_here: bool, as_json: bool) -> None:
    kafka, camera = plan_kafka(workload, costs), plan_at_camera(workload, costs)
    if as_json:
        sys.stdout.write(plan_json(workload, kafka, camera, costs, measured_here=measured_here).decode() + "\n")
        return
    console = Console()
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    console.print(plan_table(workload, kafka, camera))
    console.print(costs_line(costs, measured_here=measured_here), soft_wrap=True)
    for warning in warnings(workload, kafka):
        console.print(warning, style="yellow", soft_wrap=True)


def _calibrate(settings: Settings) -> None:
    # Rendering, the engine and Faust are imported for this alone.
    from handstream.plan.calibration import calibrate  # noqa: PLC0415
    from recognition.assets import AssetError  # noqa: PLC0415

    try:
        costs = calibrate(settings, progress=lambda text: typer.echo(f"measuring: {text}", err=True))
    except (AssetError, BrokerError, RuntimeError, TimeoutError) as error:
        raise _failed(f"cannot measure: {error}", ExitCode.FAILED) from error
    path = own_costs_path(settings)
    costs.save(path)
    typer.echo(f"costs: {path}", err=True)


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text.lower())
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in sides):
        raise typer.BadParameter(
            f"{text!r} is not WIDTHxHEIGHT in pixels, each {MIN_SIDE} to {MAX_SIDE}, such as 1280x720",
            param_hint="--size",
        )
    return sides


def _failed(message: str, exit_code: int) -> NoReturn:
    typer.echo(f"handstream plan: {message}", err=True)
    raise typer.Exit(exit_code)
