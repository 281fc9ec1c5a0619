"""The settings in the words of each Kafka client, in one place."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from settings import PREFIX, SaslMechanism, Settings, SettingsError


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Raises SettingsError, which names the variables at fault, for files that cannot be used."""
    try:
        context = ssl.create_default_context(cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None)
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}SSL_CAFILE: {settings.ssl_cafile} cannot be used as certificates in PEM: {_reason(error)}"
        ) from error
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_certfile is not None:
        _load_certificate(context, settings, certfile=settings.ssl_certfile)
    return context


def _load_certificate(context: ssl.SSLContext, settings: Settings, *, certfile: Path) -> None:
    secret = settings.ssl_keyfile_password
    keyfile = settings.ssl_keyfile or certfile
    encrypted = False

    def password() -> str:
        # Asked for an encrypted key alone. Without an answer OpenSSL would ask on the terminal.
        nonlocal encrypted
        encrypted = True
        return secret.get_secret_value() if secret else ""

    try:
        context.load_cert_chain(certfile=str(certfile), keyfile=str(keyfile), password=password)
    except OSError as error:
        if encrypted:
            fault = f"{PREFIX}SSL_KEYFILE_PASSWORD: {'is not that' if secret else 'is needed, for that'} of {keyfile}"
        else:
            fault = (
                f"{PREFIX}SSL_CERTFILE, {PREFIX}SSL_KEYFILE: {certfile} and {keyfile} cannot be used as a certificate "
                f"and its private key in PEM: {_reason(error)}"
            )
        raise SettingsError(fault) from error


def _reason(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or str(error)


def kafka_python_options(settings: Settings) -> dict[str, Any]:
    """Options that KafkaProducer, KafkaConsumer and KafkaAdminClient have in common."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.servers,
        "security_protocol": settings.security_protocol.value,
    }
    if settings.security_protocol.has_ssl:
        options["ssl_context"] = ssl_context(settings)
    if settings.security_protocol.has_sasl:
        assert settings.sasl_password is not None
        options["sasl_mechanism"] = settings.sasl_mechanism.value
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return options


def faust_options(settings: Settings) -> dict[str, Any]:
    """Options of faust.App: `broker`, and `broker_credentials` where the broker wants some."""
    # Importing Faust reads the command line and takes options such as --loop for its own; only the worker needs it.
    import faust  # noqa: PLC0415

    options: dict[str, Any] = {"broker": [f"aiokafka://{server}" for server in settings.servers]}
    context = ssl_context(settings) if settings.security_protocol.has_ssl else None
    if settings.security_protocol.has_sasl:
        assert settings.sasl_password is not None
        options["broker_credentials"] = faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            mechanism=_FAUST_MECHANISMS[settings.sasl_mechanism],
            ssl_context=context,
        )
    elif context is not None:
        options["broker_credentials"] = faust.SSLCredentials(context=context)
    return options


_FAUST_MECHANISMS = {mechanism: mechanism.value for mechanism in SaslMechanism}
