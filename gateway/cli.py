"""`handstream gateway`: the HTTP API and the live page."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from broker.settings import SettingsError, load_settings
from gateway.app import create_app

CANNOT_START = 2


def gateway(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HANDSTREAM_GATEWAY_HOST if left out.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on, 0 for a free one; HANDSTREAM_GATEWAY_PORT if left out.")
    ] = None,
) -> None:
    """Serve POST /predict and the live page until Ctrl-C.

    \b
    Examples:
      handstream gateway
      handstream gateway --port 8080
      curl -X POST http://localhost:8000/predict -F "file=@tests/sample_hand.jpg"
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.echo(f"handstream gateway: {error}", err=True)
        raise typer.Exit(CANNOT_START) from error
    uvicorn.run(create_app(settings), host=host or settings.gateway_host, port=port or settings.gateway_port)
