"""`handstream produce`: pictures from cameras and files into Kafka."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from broker.topics import BrokerError
from events.redaction import redact
from events.topics import TopicNames
from imaging.files import Sort, path_text
from producers import options
from producers.images import ImageFiles
from producers.looped import Looped
from producers.options import Publishing
from producers.picture import JpegEncoder
from producers.production import Production
from producers.publisher import DropPolicy
from producers.replay import Range, TopicReplay
from producers.sink import Sink
from producers.source import FiniteSource, Source, SourceError
from producers.supervisor import supervise
from producers.synthetic import SyntheticCamera
from producers.url import network_camera
from producers.video import VideoFile
from producers.webcam import webcam as open_webcam
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Publish pictures from cameras and files as frames in Kafka.",
)


class Labels(StrEnum):
    """Where the ground truth of a picture comes from."""

    PARENT = "parent"


@app.command()
def webcam(
    device: Annotated[str, typer.Argument(help="Number of the camera, or its path.")] = "0",
    *,
    camera: options.Camera = "webcam",
    cameras: options.Cameras = 1,
    fps: options.MaxFps = None,
    limit: options.Limit = None,
    quality: options.Quality = 90,
    max_size: options.MaxSize = None,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.DROP_OLDEST,
    json: options.Json = False,
) -> None:
    """Publish a camera of this machine until Ctrl-C.

    Always the newest picture is sent. A camera that is unplugged is waited for.

    Example:

        handstream produce webcam 0 --camera desk --fps 15 --max-size 640
    """
    encoder = JpegEncoder(quality=quality, max_side_pixels=max_size)
    how = Publishing(
        camera=camera,
        cameras=cameras,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
        camera_fps=fps,
    )
    _produce(lambda: open_webcam(device, encoder=encoder, rate_hz=fps), name=f"webcam:{device}", how=how)


@app.command()
def url(
    address: Annotated[
        str,
        typer.Argument(
            envvar="HANDSTREAM_CAMERA_URL",
            show_envvar=True,
            help="rtsp://… or http://…; in the environment its password is not seen in the list of processes.",
        ),
    ],
    *,
    camera: options.Camera = "url",
    cameras: options.Cameras = 1,
    fps: options.MaxFps = None,
    limit: options.Limit = None,
    quality: options.Quality = 90,
    max_size: options.MaxSize = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="For opening the camera, and for each picture.")
    ] = 10.0,
    give_up: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to try to get a lost camera back.")
    ] = 300.0,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.DROP_OLDEST,
    json: options.Json = False,
) -> None:
    """Publish a camera on the network until Ctrl-C: RTSP, or MJPEG over HTTP.

    Always the newest picture is sent. A lost connection is made again. Credentials appear in no message or record.

    Example:

        handstream produce url rtsp://user:password@camera.example/stream --camera door --fps 10
    """
    encoder = JpegEncoder(quality=quality, max_side_pixels=max_size)
    how = Publishing(
        camera=camera,
        cameras=cameras,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
        camera_fps=fps,
    )
    _produce(
        lambda: network_camera(address, encoder=encoder, rate_hz=fps, timeout_seconds=timeout, give_up_seconds=give_up),
        name=redact(address),
        how=how,
    )


@app.command()
def video(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A video file.")],
    *,
    camera: options.Camera = "video",
    cameras: options.Cameras = 1,
    fps: options.MaxFps = None,
    speed: options.Speed = 1.0,
    loop: options.Loop = False,
    limit: options.Limit = None,
    quality: options.Quality = 90,
    max_size: options.MaxSize = None,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.WAIT,
    json: options.Json = False,
) -> None:
    """Publish every frame of a video once, at the times that the file gives them.

    --fps counts in seconds of the film: with --speed 2 --fps 10, twenty frames a second are sent.

    Example:

        handstream produce video film.mp4 --camera stage --speed 0
    """
    encoder = JpegEncoder(quality=quality, max_side_pixels=max_size)
    how = Publishing(
        camera=camera,
        cameras=cameras,
        speed=speed,
        loop=loop,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
    )
    _produce(lambda: VideoFile(path, encoder=encoder, rate_hz=fps), name=path_text(path), how=how)


@app.command()
def images(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders and image files.")],
    *,
    camera: options.Camera = "images",
    cameras: options.Cameras = 1,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into the folders of a folder.")] = False,
    sort: Annotated[Sort, typer.Option(help="By name, img2 before img10, or by time of last change.")] = Sort.NAME,
    labels: Annotated[
        Labels | None, typer.Option(help="The name of a file's folder travels as its ground truth.")
    ] = None,
    fps: Annotated[
        float, typer.Option(callback=options.check_rate, metavar="HZ", help="Pictures a second, at --speed 1.")
    ] = 30.0,
    speed: options.Speed = 1.0,
    loop: options.Loop = False,
    limit: options.Limit = None,
    quality: options.Quality = 90,
    max_size: options.MaxSize = None,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.WAIT,
    json: options.Json = False,
) -> None:
    """Publish image files. JPEG files go byte for byte; others are made JPEG.

    Examples:

        handstream produce images photos --recursive --labels parent --speed 0

        handstream produce images shots/*.png --fps 5 --loop
    """
    encoder = JpegEncoder(quality=quality, max_side_pixels=max_size)
    how = Publishing(
        camera=camera,
        cameras=cameras,
        speed=speed,
        loop=loop,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
    )
    _produce(
        lambda: ImageFiles.find(
            paths,
            encoder=encoder,
            recursive=recursive,
            sort=sort,
            rate_hz=fps,
            label_from_parent=labels is Labels.PARENT,
        ),
        name=path_text(" ".join(map(str, paths)) if len(paths) <= 3 else f"{paths[0]} and {len(paths) - 1} more"),
        how=how,
    )


@app.command()
def synthetic(
    *,
    camera: options.Camera = "synthetic",
    cameras: options.Cameras = 1,
    width: Annotated[int, typer.Option(min=64, max=4096, metavar="PIXELS", help="Width of the pictures.")] = 640,
    height: Annotated[int, typer.Option(min=64, max=4096, metavar="PIXELS", help="Height of the pictures.")] = 480,
    fps: Annotated[
        float, typer.Option(callback=options.check_rate, metavar="HZ", help="Pictures a second, at --speed 1.")
    ] = 30.0,
    speed: options.Speed = 1.0,
    limit: options.Limit = None,
    quality: options.Quality = 90,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.DROP_OLDEST,
    json: options.Json = False,
) -> None:
    """Publish a rendered hand that makes the 18 gestures, until Ctrl-C; which one travels as ground truth.

    Example:

        handstream produce synthetic --cameras 4 --fps 15 --limit 900
    """
    how = Publishing(
        camera=camera,
        cameras=cameras,
        speed=speed,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
    )
    _produce(
        lambda: SyntheticCamera(
            seed=seed, width=width, height=height, frame_rate_hz=fps, frame_count=limit, quality=quality
        ),
        name=f"synthetic:seed={seed}",
        how=how,
    )


@app.command()
def replay(
    *,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Captured at or after: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Captured before.")] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera. Several times too.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, metavar="P", help="Only this partition.")] = None,
    from_offset: Annotated[int | None, typer.Option(min=0, metavar="N", help="First offset, with --partition.")] = None,
    to_offset: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="The first offset that is not sent, with --partition.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another topic of frames than this installation's.")
    ] = None,
    speed: options.Speed = 1.0,
    limit: options.Limit = None,
    loss_rate: options.LossRate = 0.0,
    seed: options.Seed = 0,
    drop_policy: options.Policy = DropPolicy.WAIT,
    json: options.Json = False,
) -> None:
    """Publish frames that are still in the topic once more, under a run of their own.

    Cameras, pictures, keys and labels are those of then, the time of capture is that of sending; where a frame comes
    from and when it was captured travels in headers of its own. None is skipped for its age.

    Examples:

        handstream produce replay --since 10m --until 5m --camera door

        handstream produce replay --partition 2 --from-offset 4700 --to-offset 4800 --speed 0
    """
    if partition is None and (from_offset is not None or to_offset is not None):
        raise typer.BadParameter("an offset is one of a partition: name it by --partition", param_hint="--partition")
    part = Range(
        since=options.moment(since),
        until=options.moment(until),
        partition=partition,
        from_offset=from_offset,
        to_offset=to_offset,
        cameras=frozenset(camera or ()),
    )
    how = Publishing(
        camera="replay",  # of no frame: each has its own
        cameras=1,
        speed=speed,
        limit=limit,
        loss_rate=loss_rate,
        seed=seed,
        drop_policy=drop_policy,
        json=json,
    )
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.echo(f"handstream produce: {error}", err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error
    name = topic or TopicNames(settings.topic_prefix).frames
    _produce(lambda: TopicReplay(settings, topic=name, part=part), name=f"replay:{name}", how=how)


def _produce(open_source: Callable[[], Source], *, name: str, how: Publishing) -> None:
    try:
        source = open_source()
    except (SourceError, BrokerError) as error:
        typer.echo(f"handstream produce: {error}", err=True)
        raise typer.Exit(ExitCode.FAILED if isinstance(error, BrokerError) else ExitCode.BAD_USE) from error

    def make(sink: Sink) -> Production:
        return Production(
            Looped(source) if how.loop and isinstance(source, FiniteSource) else source,
            sink=sink,
            name=name,
            cameras=how.camera_ids,
            policy=how.drop_policy,
            speed=how.speed,
            limit=how.limit,
            loss_rate=how.loss_rate,
            loss_seed=how.seed,
        )

    def unreadable() -> int:
        return source.unreadable if isinstance(source, ImageFiles) else 0

    raise typer.Exit(
        supervise(make, name=name, json=how.json, unreadable=unreadable, silence_seconds=how.silence_seconds)
    )
