"""Faust's consumer, made to commit before partitions are taken away."""

from __future__ import annotations

from typing import Any

from stream_app.consumer_thread import FetchingThread
from stream_app.end import End
from stream_app.prompt_consumer import PromptConsumer


class CommittingConsumer(PromptConsumer):
    """Finishes and commits what is in flight before it gives partitions up.

    Faust forgets the acknowledged offsets of the revoked partitions first and waits for the frames in flight afterwards
    (faust-streaming 0.15.3, transport/consumer.py), so that at each rebalance whatever was acknowledged since the last
    timed commit would be processed once more by the next owner.
    """

    def _new_consumer_thread(self) -> FetchingThread:
        return FetchingThread(self, loop=self.loop, beacon=self.beacon)

    def ends(self) -> dict[tuple[str, int], End]:
        """What the broker last said of each assigned partition, by topic and number."""
        return dict(self._thread.ends(self.delivered))

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        assigned = self.assignment()
        if assigned and not self.should_stop:
            self.stop_flow()
            self.app.flow_control.suspend()
            self.pause_partitions(assigned)
            # Frames that wait in this process were not begun: the next owner reads them again.
            self.app.flow_control.clear()
            await self.wait_empty()
        await super().on_partitions_revoked(revoked)
