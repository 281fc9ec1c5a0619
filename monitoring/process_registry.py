"""The registry that a process's metrics are made in."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, ProcessCollector


def process_registry() -> CollectorRegistry:
    """A registry with what there is to tell of the process itself: processor, memory, open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry
