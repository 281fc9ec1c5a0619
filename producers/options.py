"""The options that the commands of `handstream produce` share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from events.cloud_event import check_camera
from events.moment import parse_moment
from producers.monitoring import SILENCE_SECONDS
from producers.publisher import DropPolicy


def _check_camera(text: str) -> str:
    try:
        return check_camera(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def check_rate(value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1000:
        raise typer.BadParameter(f"must be greater than 0 and at most 1000, not {value:g}")
    return value


def _check_speed(value: float) -> float:
    if not 0 <= value < float("inf"):
        raise typer.BadParameter(f"must be 0 or more, not {value:g}")
    return value


def _check_share(value: float) -> float:
    if not 0 <= value <= 1:
        raise typer.BadParameter(f"must be 0 to 1, not {value:g}")
    return value


def moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_moment(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Camera = Annotated[str, typer.Option("--camera", "-c", metavar="ID", callback=_check_camera, help="Id of the camera.")]
Cameras = Annotated[
    int, typer.Option(min=1, max=10_000, metavar="N", help="Publish each picture as N cameras, ID-0 to ID-(N-1).")
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="Stop after N pictures.")]
Speed = Annotated[
    float,
    typer.Option(
        callback=_check_speed, metavar="X", help="1 = original pace, 2 = double, 0 = as fast as the broker takes it."
    ),
]
MaxFps = Annotated[
    float | None, typer.Option("--fps", callback=check_rate, metavar="HZ", help="Take at most so many a second.")
]
Loop = Annotated[bool, typer.Option("--loop", help="Begin again at the end, until Ctrl-C.")]
Quality = Annotated[int, typer.Option(min=1, max=100, metavar="1..100", help="JPEG quality of what is encoded here.")]
MaxSize = Annotated[
    int | None, typer.Option(min=16, metavar="PIXELS", help="Scale down pictures whose longer side has more.")
]
LossRate = Annotated[
    float, typer.Option(callback=_check_share, metavar="0..1", help="Lose this share of the frames on purpose.")
]
Seed = Annotated[int, typer.Option(min=0, help="Makes what is random repeatable.")]
Policy = Annotated[DropPolicy, typer.Option(help="When the broker does not keep up: wait, or drop the oldest frames.")]
Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """How the pictures of any source are published; the meaning of each is that of Production's arguments.

    camera_fps: pictures a second that a camera is asked for; None where it gives what it has, or the pace is ours.
    """

    camera: str
    cameras: int
    drop_policy: DropPolicy
    limit: int | None
    loss_rate: float
    seed: int
    json: bool
    speed: float = 0.0
    loop: bool = False
    camera_fps: float | None = None

    @property
    def silence_seconds(self) -> float:
        """So long a source may give nothing before something is wrong with it."""
        return max(SILENCE_SECONDS, 3 / self.camera_fps if self.camera_fps else 0.0)

    @property
    def camera_ids(self) -> tuple[str, ...]:
        if self.cameras == 1:
            return (self.camera,)
        return tuple(f"{self.camera}-{number}" for number in range(self.cameras))
