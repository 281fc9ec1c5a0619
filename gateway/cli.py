"""`handstream gateway`: the HTTP API and the live page."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from gateway.access import is_loopback
from gateway.app import create_app
from gateway.messages import MAX_HEADER_BYTES
from gateway.server import PortTaken, address, listen, serve
from monitoring.logs import configure_logs
from recognition.bundle import BundleError
from settings import SettingsError, load_settings
from supervision import status
from supervision.exit_codes import ExitCode


def gateway(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; without it HANDSTREAM_GATEWAY_HOST.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port to listen on, 0 for a free one; without it HANDSTREAM_GATEWAY_PORT.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve POST /predict and the live page, until Ctrl-C.

    Without a broker, uploads are recognised all the same, and the page says what is missing.

    \b
    Examples:
      handstream gateway
      handstream gateway --port 8080
      curl -X POST http://localhost:8000/predict -F "file=@tests/sample_hand.jpg"
    """
    try:
        settings = load_settings()
        # A broker that is away is said on the page and in /stream/health, not several times a second in the log.
        configure_logs(settings, quiet=("kafka",))
        chosen_host = settings.gateway_host if host is None else host
        app = create_app(settings, host=chosen_host)
        listening = listen(chosen_host, settings.gateway_port if port is None else port)
    except (SettingsError, BundleError, PortTaken) as error:
        _fail(str(error))
    if not is_loopback(chosen_host) and settings.gateway_token is None:
        typer.echo(
            f"handstream gateway: anyone who reaches {chosen_host} may use it; HANDSTREAM_GATEWAY_TOKEN sets a token",
            err=True,
        )
    where = address(listening)

    def started() -> None:
        status.ready(metrics_port=listening.getsockname()[1])
        typer.echo(f"Handstream is at {where}/ and its API at {where}/docs; Ctrl-C ends it", err=True)

    serve(
        app,
        listening=listening,
        # A frame a little too large is answered; one much too large ends the connection.
        max_message_bytes=2 * settings.gateway_camera_max_bytes + MAX_HEADER_BYTES,
        started=started,
    )


def _fail(message: str) -> NoReturn:
    status.failed(message)
    typer.echo(f"handstream gateway: {message}", err=True)
    raise typer.Exit(ExitCode.BAD_USE)
