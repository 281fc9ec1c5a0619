"""`handstream setup`: fetch ahead what the first start would otherwise wait for."""

from __future__ import annotations

import typer

from broker.embedded.assets import ensure_kafka
from broker.embedded.node import ensure_class_cache
from broker.topics import BrokerError
from recognition.assets import AssetError, ensure_landmark_model
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode


def setup() -> None:
    """Fetch the hand landmark model and Apache Kafka, once for each user.

    Both are checked against the sums that the project pins; the second time nothing is fetched.
    """
    try:
        settings = load_settings()
        model = ensure_landmark_model(cache_dir=settings.cache_dir, progress=True)
        typer.echo(f"Hand landmark model  {model}")
        jars = ensure_kafka(cache_dir=settings.cache_dir, progress=True)
        classes = ensure_class_cache(settings)
    except (SettingsError, AssetError, BrokerError) as error:
        typer.echo(f"handstream setup: {error}", err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error
    typer.echo(f"Apache Kafka         {jars[0].parent if jars else ''}  ({len(jars)} jars)")
    typer.echo(f"Its classes          {classes or 'not cached, so that the embedded broker starts later'}")
