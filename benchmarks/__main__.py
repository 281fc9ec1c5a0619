"""python -m benchmarks: the same as `handstream bench`."""

from __future__ import annotations

import typer

from benchmarks.cli import bench

if __name__ == "__main__":
    typer.run(bench)
