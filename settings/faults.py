"""What is wrong with a setting, in one line."""

from __future__ import annotations


class SettingsError(Exception):
    """A setting cannot be used: the message names file and line, the setting and its value, never a secret's."""
