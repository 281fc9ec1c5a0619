"""Put results into docs/performance.md, tables and plots:  python -m benchmarks.docs benchmarks/results/*.json

Every file is one call of the benchmark. Ratios are taken within a file and a turn, and their medians over all files.
Tables stand between `<!-- bench:NAME -->` and `<!-- /bench -->`; those for which no file has figures stay as they are.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contender import ROOT
from benchmarks.plots import PLOT_NAMES, draw_all, plot_file_name
from benchmarks.results import Machine, Results, load_results
from benchmarks.tables import all_grids, spread

PAGE = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "plots"
_BLOCK = re.compile(r"(<!-- bench:(\w+) -->\n)(.*?)(<!-- /bench -->)", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", type=Path)
    arguments = parser.parse_args()
    try:
        results = [load_results(file) for file in arguments.results]
    except ValueError as error:
        raise SystemExit(str(error)) from error
    machines = {(result.machine.processor, result.machine.cores) for result in results}
    if len(machines) > 1:
        raise SystemExit(f"the results are of different machines, which must not be mixed: {sorted(machines)}")
    draw_all(results, folder=PLOTS)
    PAGE.write_text(with_results(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def with_results(page: str, results: Sequence[Results]) -> str:
    """The page with its marked tables and plots replaced. Raises ValueError where it has no place for one."""
    blocks = {}
    for name, grid in all_grids(results).items():
        plot = f"\n\n![{grid.title}](plots/{plot_file_name(name)})" if name in PLOT_NAMES else ""
        blocks[name] = grid.to_markdown() + plot
    blocks["machine"] = machine_lines(results)
    missing = blocks.keys() - {match[2] for match in _BLOCK.finditer(page)}
    if missing:
        raise ValueError(f"the page has no place for {', '.join(sorted(missing))}")

    def replaced(match: re.Match[str]) -> str:
        return f"{match[1]}{blocks[match[2]]}\n{match[4]}" if match[2] in blocks else match[0]

    return _BLOCK.sub(replaced, page)


def machine_lines(results: Sequence[Results]) -> str:
    machine = results[-1].machine
    shares = [run.other_share for result in results for run in result.throughput if run.other_share is not None]
    others = (
        f"; other programs took {spread([100 * share for share in shares], digits=0)} % of the cores" if shares else ""
    )
    days = sorted({result.started_at[:10] for result in results})
    return "\n".join(
        [
            f"- {_processor(machine)}, {machine.memory_gib:g} GiB of memory, {machine.system}, Python {machine.python}",
            "- " + ", ".join(f"{name} {version}" for name, version in machine.versions.items()),
            f"- {', '.join(days)}, {len(results)} calls of the benchmark, "
            f"commit {', '.join(sorted({result.machine.commit for result in results}))}{others}",
        ]
    )


def _processor(machine: Machine) -> str:
    bf16 = "with" if machine.has_bf16 else "without"
    return f"{machine.processor}, {machine.cores} cores, {bf16} bf16"


if __name__ == "__main__":
    main()
