"""`handstream dlq`: list dead letters, export them as files, send them back."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console

from broker.consuming import TopicMissing
from broker.topic_reader import topic_reader
from broker.topics import BrokerError
from dead_letters.export import export as write_files
from dead_letters.listing import Newest, counts, described, in_full, table_of
from dead_letters.reader import DeadLetterFilter, DeadLetterReader
from dead_letters.send_back import Plan, SendBack
from events.moment import parse_moment
from events.reason import Reason, RecordError
from events.record import Position
from events.topics import TopicNames
from producers.kafka_sink import KafkaSink
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

FLUSH_SECONDS = 10.0
SHOWN_LETTERS = 50
PIPE_COLUMNS = 250

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Dead letters, the frames that were at fault themselves: list, show, export, replay.\n\n"
    "Exit codes: 0 done; 1 no broker, or not all of it could be done; 2 wrong usage, or no such topic; 130 Ctrl-C.",
)


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_moment(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Reasons = Annotated[list[Reason] | None, typer.Option("--reason", help="Only for this reason. Can be repeated.")]
Cameras = Annotated[list[str] | None, typer.Option("--camera", help="Only of this camera. Can be repeated.")]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Set aside at or after: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h 7d.")
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Set aside before.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most this many.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list")
def list_(
    *,
    reason: Reasons = None,
    camera: Cameras = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List the newest dead letters, oldest first, and count all by reason.

    On a table that is 50 where --limit says no other number; as JSON lines it is all.

    Examples:

        handstream dlq list --since 1h

        handstream dlq list --reason not_an_image --camera door --json
    """
    wanted = _filter(reason, camera, since, until)
    with _opened() as place:
        newest = Newest(most=limit or (None if as_json else SHOWN_LETTERS))
        newest.add(place.reader.letters(wanted))
        lines = newest.lines
        if as_json:
            for line in lines:
                sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        elif lines:
            _console().print(table_of(lines))
        total = newest.by_reason.total()
        some = "" if len(lines) == total else f" ({len(lines):,} shown, the newest; --limit shows more)"
        summary = f"{total:,} dead letters: {counts(newest.by_reason)}{some}" if total else "no dead letter fits"
        typer.echo(summary, err=as_json)
        place.tell_malformed()


@app.command()
def show(
    position: Annotated[
        str,
        typer.Argument(
            metavar="POSITION",
            help="PARTITION/OFFSET of the letter, as in the list; or TOPIC/PARTITION/OFFSET of its frame.",
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one dead letter: error, headers, size. Credentials in addresses are left out.

    Examples:

        handstream dlq show 2/41

        handstream dlq show frames/2/4711 --json
    """
    with _opened() as place:
        try:
            at = Position.parse(f"{place.topics.dead_letters}/{position}" if position.count("/") == 1 else position)
            found = place.reader.find(at)
        except ValueError as error:
            _fail(str(error), code=ExitCode.BAD_USE)
        except RecordError as error:
            _fail(f"the record at {position} is no dead letter: {error}")
        if found is None:
            _fail(f"there is no dead letter {position}; `handstream dlq list` shows those that there are")
        if as_json:
            sys.stdout.write(msgspec.json.encode(described(found)).decode() + "\n")
        else:
            typer.echo("\n".join(in_full(found)))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Created if missing.")],
    *,
    reason: Reasons = None,
    camera: Cameras = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over files that are there.")] = False,
) -> None:
    """Write the frames as they came into files, CAMERA-SEQUENCE-PARTITION-OFFSET, each with a JSON file beside it.

    A file that is there already is left and named; the exit code is then 1.

    Example:

        handstream dlq export letters/ --reason not_an_image --since 1d
    """
    wanted = _filter(reason, camera, since, until)
    with _opened() as place:
        written: Counter[Reason] = Counter()
        there: list[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for one in islice(place.reader.letters(wanted), limit):
                try:
                    write_files(one, folder=folder, overwrite=overwrite)
                    written[one.letter.reason] += 1
                except FileExistsError as error:
                    there.append(str(error))
        except OSError as error:
            _fail(f"cannot write to {folder}: {error.strerror}")
        place.tell_malformed()
        typer.echo(f"{written.total():,} dead letters written to {folder}" + _by(written))
        if there:
            _fail(f"{len(there):,} left as they are, {there[0]} the first: --overwrite writes over them")


@app.command()
def replay(
    *,
    reason: Reasons = None,
    camera: Cameras = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    max_retries: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Leave out frames that were sent again N times already.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed without a terminal.")] = False,
) -> None:
    """Send dead letters back to the frames: the same bytes, key and headers, and a header that counts the retries.

    The letter itself stays in its topic until its retention is over, so the same command sends it once more: narrow it
    down by --since. The record's timestamp is the time of sending; the time of capture stays what it was. A frame that
    fails again becomes a dead letter again, with the count.

    Examples:

        handstream dlq replay --reason too_many_bytes --since 2h --dry-run

        handstream dlq replay --camera door --max-retries 3 --yes
    """
    wanted = _filter(reason, camera, since, until)
    with _opened() as place, KafkaSink(place.settings) as sink:
        sender = SendBack(max_value_bytes=sink.max_value_bytes, max_retries=max_retries, limit=limit)
        plan = sender.plan(place.reader.letters(wanted))
        if dry_run or not plan.sent:
            typer.echo(f"{plan.sent.total():,} dead letters would be sent to {place.topics.frames}" + _by(plan.sent))
            _tell_left_out(plan, max_retries=max_retries)
            place.tell_malformed()
            return
        if not yes:
            what = f"{plan.sent.total():,} dead letters back to {place.topics.frames}{_by(plan.sent)}"
            if not sys.stdin.isatty():
                _fail(f"--yes is needed to send {what} without a terminal to ask on", code=ExitCode.BAD_USE)
            typer.confirm(f"Send {what}?", abort=True)
        done = sender.send(place.reader.letters(wanted), sink)
        sink.close(timeout_seconds=FLUSH_SECONDS)
        typer.echo(f"{done.sent.total():,} dead letters sent to {place.topics.frames}" + _by(done.sent))
        _tell_left_out(done, max_retries=max_retries)
        place.tell_malformed()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    settings: Settings
    topics: TopicNames
    reader: DeadLetterReader

    def tell_malformed(self) -> None:
        if self.reader.malformed:
            _tell(f"{self.reader.malformed:,} records of {self.topics.dead_letters} skipped: they are no dead letters")


@contextmanager
def _opened() -> Iterator[_Place]:
    try:
        settings = load_settings()
        topics = TopicNames(settings.topic_prefix)
        with topic_reader(settings, topics.dead_letters) as reader:
            yield _Place(settings=settings, topics=topics, reader=DeadLetterReader(reader))
    except (SettingsError, TopicMissing) as error:
        _fail(str(error), code=ExitCode.BAD_USE)
    except BrokerError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _filter(
    reasons: Iterable[Reason] | None, cameras: Iterable[str] | None, since: str | None, until: str | None
) -> DeadLetterFilter:
    return DeadLetterFilter(
        reasons=frozenset(reasons or ()), cameras=frozenset(cameras or ()), since=_moment(since), until=_moment(until)
    )


def _by(reasons: Counter[Reason]) -> str:
    return f" ({counts(reasons)})" if reasons else ""


def _tell_left_out(plan: Plan, *, max_retries: int | None) -> None:
    if plan.retried_enough:
        _tell(f"{plan.retried_enough:,} left out, sent again {max_retries} times or more already")
    if plan.too_large:
        _tell(f"{plan.too_large:,} left out, larger than a frame may be (HANDSTREAM_MAX_MESSAGE_BYTES)")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)


def _tell(line: str) -> None:
    typer.echo(f"handstream dlq: {line}", err=True)


def _fail(line: str, *, code: int = ExitCode.FAILED) -> NoReturn:
    _tell(line)
    raise typer.Exit(code)
