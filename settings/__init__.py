"""The settings of every process, and reading them from the environment and `.env`."""

from settings.faults import SettingsError
from settings.loading import load_settings
from settings.settings import PREFIX, LogFormat, LogLevel, SaslMechanism, SecurityProtocol, Settings

__all__ = [
    "PREFIX",
    "LogFormat",
    "LogLevel",
    "SaslMechanism",
    "SecurityProtocol",
    "Settings",
    "SettingsError",
    "load_settings",
]
