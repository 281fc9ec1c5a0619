"""Fetching the pinned jars of Kafka, once for each user."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from broker.embedded.errors import ChecksumMismatch, FetchFailed
from broker.embedded.lock import KAFKA_VERSION, LockedJar, locked_jars, sha256_of
from settings import load_settings

# The repository answers each request slowly and the jars are small: in parallel it is several times faster.
PARALLEL_DOWNLOADS = 8
READ_TIMEOUT_SECONDS = 30


def ensure_kafka(*, cache_dir: Path | None = None, progress: bool = True) -> list[Path]:
    """The jars of Kafka in the order of the lock, each with the sum that the lock names.

    cache_dir: where downloads are kept, by default that of the settings. progress: show a bar on stderr while
    fetching. Nothing is fetched when all are there. Raises FetchFailed, ChecksumMismatch.
    """
    directory = (cache_dir or load_settings().cache_dir) / f"kafka-{KAFKA_VERSION}"
    return ensure_jars(locked_jars(), directory=directory, progress=progress)


def ensure_jars(jars: Sequence[LockedJar], *, directory: Path, progress: bool) -> list[Path]:
    """These jars in that directory, fetched where they are not there. Raises FetchFailed, ChecksumMismatch."""
    paths = {jar: directory / jar.file_name for jar in jars}
    missing = [jar for jar, path in paths.items() if not path.is_file() or sha256_of(path) != jar.sha256]
    if missing:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _fetch(missing, directory, progress=progress)
        except OSError as error:
            raise FetchFailed(f"cannot keep Apache Kafka in {directory}: {error.strerror or error}") from error
    return list(paths.values())


def _fetch(jars: Sequence[LockedJar], directory: Path, *, progress: bool) -> None:
    with (
        # In the same file system as their place, where they appear whole, once their sum was found right.
        TemporaryDirectory(prefix=".fetching-", dir=directory.parent) as temporary,
        _progress_bar(sum(jar.size_bytes for jar in jars), shown=progress) as advance,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        futures = [pool.submit(_fetch_one, jar, Path(temporary), directory, advance) for jar in jars]
        try:
            for future in as_completed(futures):
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch_one(jar: LockedJar, temporary: Path, directory: Path, advance: Callable[[int], None]) -> None:
    # jgo takes most of a second to import, and is needed once.
    from jgo.config import GlobalSettings  # noqa: PLC0415
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    @contextmanager
    def follow(_file_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        yield advance

    maven = MavenContext(
        resolver=PythonResolver(progress_callback=follow),
        repo_cache=temporary,
        local_repos=[],
        # Repositories in jgo's own configuration come first: that is how a company names its mirror.
        remote_repos={**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL},
        timeout=READ_TIMEOUT_SECONDS,
    )
    try:
        fetched = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    # The resolver raises a RuntimeError for what is not there; requests raises kinds of OSError.
    except (RuntimeError, OSError) as error:
        raise FetchFailed(
            f"cannot fetch {jar.file_name} ({type(error).__name__}): the first start of the embedded broker needs the "
            "network; run `handstream setup` where there is one, or set HANDSTREAM_BROKER to a broker that runs"
        ) from error
    found = sha256_of(fetched)
    if found != jar.sha256:
        raise ChecksumMismatch(f"{jar.file_name} has sha256 {found}, expected {jar.sha256}: it was not kept")
    os.replace(fetched, directory / jar.file_name)


@contextmanager
def _progress_bar(total_bytes: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as progress:
        task = progress.add_task(f"Fetching Apache Kafka {KAFKA_VERSION}", total=total_bytes)
        yield lambda count_bytes: progress.advance(task, count_bytes)
