"""Faust's table manager, for an app without tables."""

from __future__ import annotations

from faust.tables.manager import TableManager


class NoTables(TableManager):  # type: ignore[misc]
    """Starts at once. Faust waits a second, in which tables may still be declared (0.15.3, tables/manager.py)."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()
