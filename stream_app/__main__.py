"""One worker process: `python -m stream_app`. `handstream worker` starts several."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

import uvloop

from broker.topics import BrokerError, create_topics
from monitoring.logs import configure_logs
from recognition.assets import AssetError, ensure_landmark_model
from recognition.bundle import BundleError
from recognition.bundle_source import BundleSource
from recognition.bundle_sources import bundle_source
from recognition.pipeline import Recognizer
from settings import Settings, SettingsError, load_settings
from stream_app.ending_worker import EndingWorker
from stream_app.worker_app import WorkerApp
from supervision import status
from supervision.exit_codes import ExitCode
from supervision.signals import termination_like_ctrl_c


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stream_app", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="frames of different partitions recognised at once")
    parser.add_argument("--has-topics", action="store_true", help="the topics were created before")
    arguments = parser.parse_args()
    # Until Faust takes the signals over, there is nothing in flight.
    with termination_like_ctrl_c(), suppress(KeyboardInterrupt):
        _run(threads=arguments.threads, has_topics=arguments.has_topics)


def _run(*, threads: int, has_topics: bool) -> None:
    try:
        settings = load_settings()
        configure_logs(settings)
        if not has_topics:
            create_topics(settings)
        source = bundle_source(settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
        landmark_model = ensure_landmark_model(cache_dir=settings.cache_dir)
        recognizer = Recognizer.create(bundle=source.load(), landmark_model=landmark_model, settings=settings)
    except (SettingsError, BrokerError, AssetError, BundleError) as error:
        status.failed(str(error))
        print(f"handstream worker: {error}", file=sys.stderr)
        sys.exit(ExitCode.BAD_USE)
    run_app(settings, create_recognizer=lambda: recognizer, source=source, threads=threads, has_topics=True)


def run_app(
    settings: Settings,
    *,
    create_recognizer: Callable[[], Recognizer],
    source: BundleSource | None = None,
    threads: int = 1,
    has_topics: bool = False,
) -> None:
    """Run until a signal comes; ends the process. Arguments as of WorkerApp."""
    # Every frame passes the event loop some twenty times.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    app = WorkerApp(
        settings, create_recognizer=create_recognizer, source=source, threads=threads, has_topics=has_topics
    )
    worker = EndingWorker(app, loglevel="WARNING", redirect_stdouts=False, quiet=True)
    # Its spinner writes control characters into whatever stdout is.
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
