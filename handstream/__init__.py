"""The `handstream` command, which composes the rooms."""
