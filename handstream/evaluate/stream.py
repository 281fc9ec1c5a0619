"""`handstream evaluate stream`: labelled predictions, as workers write them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from broker.consuming import TopicMissing
from broker.follower import Follower, Idle, Stop
from broker.received import prediction_reader
from broker.topic_reader import Edge, TopicReader, parse_start, topic_reader
from broker.topics import BrokerError
from broker.until_end import UntilEnd
from evaluation.subject import INDEPENDENT, STREAMED, Subject
from evaluation.wording import in_short
from events.topics import TopicNames
from handstream.evaluate import options
from handstream.evaluate.collector import Collector, Enough
from handstream.evaluate.finish import Collected, check_use, fail, finish, tell
from handstream.evaluate.frame_pictures import FramePictures
from handstream.evaluate.options import Reporting
from monitoring.lag import FirstBacklog, LagReader
from recognition.gestures import NAME_RULE
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What to collect and when to stop; see the options of the same names."""

    cameras: frozenset[str]
    count: int | None
    seconds: float | None
    idle_seconds: float | None


def stream(
    *,
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera. Can be given several times.")] = None,
    start: Annotated[
        str,
        typer.Option("--from", metavar="earliest|latest|TIME", help="TIME: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h."),
    ] = Edge.LATEST.value,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Stop when all finite streams have ended and all outcomes are read.")
    ] = False,
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="Stop after so many labelled predictions.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after so long.")] = None,
    idle_timeout: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Give up when nothing comes for so long.")
    ] = None,
    out: options.Out = None,
    worst: options.Worst = options.USUAL_WORST,
    no_pictures: options.NoPictures = False,
    fail_under: options.FailUnder = None,
    json: options.Json = False,
) -> None:
    """Evaluate the predictions of the stream whose frames carry a label, and go on until told to stop.

    Labels travel with frames: of the synthetic camera, and of images published with --labels parent. A prediction that
    arrives twice counts once. Pictures of the worst misses are there as long as Kafka keeps their frames. Joins no
    consumer group and commits nothing. Ctrl-C evaluates what was collected.

    Exit codes: 0 evaluated; 1 no labels came, fewer are right than --fail-under, no broker, or --idle-timeout passed
    (what was there until then is evaluated); 2 wrong usage, or no such topic; 130 Ctrl-C.

    \b
    Examples:
      handstream evaluate stream --seconds 60 --out report
      handstream evaluate stream --from earliest --until-end --camera desk --fail-under 0.9
    """
    console = Console(stderr=True)
    reporting = Reporting(out=out, worst=worst, no_pictures=no_pictures, fail_under=fail_under, json=json)
    try:
        where = parse_start(start, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    check_use(reporting, console=console)
    try:
        settings = load_settings()
        topics = TopicNames(settings.topic_prefix)
        with (
            topic_reader(settings, topics.predictions) as reader,
            topic_reader(settings, topics.frames, silence_seconds=2, answer_seconds=3) as frames,
            ExitStack() as stack,
        ):
            reader.seek(where)
            backlog = None
            if until_end and where is not Edge.LATEST:
                lag = LagReader(settings, group=settings.consumer_group, topic=topics.frames)
                backlog = FirstBacklog(stack.enter_context(lag))
            collected = _collect(
                reader,
                topic=topics.predictions,
                end=UntilEnd(log=reader, unprocessed=backlog, clock=time.monotonic) if until_end else None,
                pictures=FramePictures(frames, topic=topics.frames),
                wanted=_Wanted(
                    cameras=frozenset(camera or ()), count=count, seconds=seconds, idle_seconds=idle_timeout
                ),
                console=console,
            )
            finish(collected, reporting, console=console)
    except (SettingsError, TopicMissing) as error:
        fail(console, str(error))
    except BrokerError as error:
        fail(console, str(error), code=ExitCode.FAILED)
    except KeyboardInterrupt:
        fail(console, "stopped, no report was written", code=ExitCode.INTERRUPTED)


def _collect(
    reader: TopicReader,
    *,
    topic: str,
    end: UntilEnd | None,
    pictures: FramePictures,
    wanted: _Wanted,
    console: Console,
) -> Collected:
    interrupted = gave_up = False
    columns = (TextColumn("evaluate"), BarColumn(), TextColumn("{task.completed} labelled"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=wanted.count)
        collector = Collector(
            cameras=wanted.cameras,
            count=wanted.count,
            seconds=wanted.seconds,
            tell=None if end else lambda line: tell(console, line),
            on_progress=lambda count: progress.update(task, completed=count),
        )
        follower = Follower(
            reader=prediction_reader(reader),
            output=collector,
            wanted=lambda one: not wanted.cameras or one.prediction.camera in wanted.cameras,
            stop=Stop(idle_seconds=wanted.idle_seconds, until_end=end),
            tell=lambda line: tell(console, line),
        )
        try:
            follower.run()
        except Enough:
            pass
        except Idle as error:
            gave_up = True
            tell(console, str(error))
        except KeyboardInterrupt:
            interrupted = True
    first = follower.first_malformed
    if first is not None:
        tell(
            console,
            f"{follower.malformed_count} malformed records skipped, the first at {first.position}: {first.error}",
        )
    if not collector.outcomes:
        fail(
            console, _nothing(collector, wanted.cameras), code=ExitCode.INTERRUPTED if interrupted else ExitCode.FAILED
        )
    return Collected(
        outcomes=collector.outcomes,
        subject=_subject(collector, topic=topic),
        pictures=pictures,
        interrupted=interrupted,
        incomplete=gave_up,
    )


def _subject(collector: Collector, *, topic: str) -> Subject:
    cameras = sorted({one.camera for one in collector.outcomes})
    passed_over = {
        "predictions without a label": collector.unlabelled,
        "that arrived a second time": collector.repeated,
        "skipped by the worker as too old": collector.stale,
    }
    if collector.unusable:
        passed_over[f"whose label is no name of a gesture (the first: {collector.first_unusable!r})"] = (
            collector.unusable
        )
    return Subject(
        kind="stream",
        what=f"{len(collector.outcomes):,} labelled predictions of {in_short(cameras)} in the topic {topic}",
        created_at=datetime.now(UTC),
        passed_over=passed_over,
        remarks=(INDEPENDENT if all(one.is_still for one in collector.outcomes) else STREAMED,),
    )


def _nothing(collector: Collector, cameras: frozenset[str]) -> str:
    of = f" of {in_short(sorted(cameras))}" if cameras else ""
    if not collector.seen:
        return f"no prediction{of} came, so there is nothing to evaluate; --from earliest begins with the oldest"
    if collector.unusable:
        return (
            f"the labels of {collector.unusable:,} predictions{of} are no names of gestures, the first is "
            f"{collector.first_unusable!r}: a name has {NAME_RULE}"
        )
    if collector.stale:
        return (
            f"{collector.stale:,} of {collector.seen:,} predictions{of} are of frames that the worker skipped as too "
            "old, and no other carries a label that could be evaluated"
        )
    return (
        f"none of {collector.seen:,} predictions{of} carries a label that could be evaluated: labels travel with "
        "frames of `handstream produce images --labels parent` and of `handstream produce synthetic`"
    )
