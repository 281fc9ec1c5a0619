"""What can keep the embedded broker from running. Each message is one line with the way out."""

from __future__ import annotations

from broker.topics import BrokerError


class EmbeddedBrokerError(BrokerError):
    """The embedded broker cannot do what was asked."""


class AlreadyRunning(EmbeddedBrokerError):
    """A broker already runs on this data directory."""


class PortTaken(EmbeddedBrokerError):
    """Another program listens on the port."""


class DiskFull(EmbeddedBrokerError):
    """Too little space is left for the broker's data."""


class DiskNotWritable(EmbeddedBrokerError):
    """The data directory cannot be written."""


class JavaMissing(EmbeddedBrokerError):
    """There is no Java runtime in this environment."""


class FetchFailed(EmbeddedBrokerError):
    """A jar of Kafka could not be fetched."""


class ChecksumMismatch(EmbeddedBrokerError):
    """A jar is not the one that the project pins."""


class StartFailed(EmbeddedBrokerError):
    """The broker ended, or did not answer in time, while it was starting."""
