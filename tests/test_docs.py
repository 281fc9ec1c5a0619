"""What the docs name is there: commands, options, variables, targets, files, headings and tests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from handstream.cli import app
from settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
# Not settings: read by the command itself, and the beginning of all names.
OTHER_VARIABLES = {f"{PREFIX}CAMERA_URL", PREFIX}
MAX_PICTURE_BYTES = 300_000

_CODE = re.compile(r"```sh\n(.*?)```|(?<!`)`([^`\n]+)`(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_WORD = re.compile(r"[a-z]+")


def lines_of_code(page: Path) -> Iterator[str]:
    for block, inline in _CODE.findall(page.read_text(encoding="utf-8")):
        yield from (block or inline).splitlines()


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words behind `handstream`, up to where the shell's own language goes on."""
    for line in lines_of_code(page):
        words = shlex.split(line, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        if words and words[0] == "handstream":
            end = next((place for place, word in enumerate(words) if word in ("|", ">", "&")), len(words))
            yield words[1:end]


def check(words: list[str]) -> None:
    """Follow the sub-commands as far as they go; then every option must be one of the last."""
    command: Any = typer.main.get_command(app)
    context = typer.Context(command)
    rest = list(words)
    while rest and hasattr(command, "get_command") and _WORD.fullmatch(rest[0]):
        name = rest.pop(0)
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name!r} as in: handstream {' '.join(words)}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.partition("=")[0] for word in rest if word.startswith("-")}
    assert used <= known | {"--help"}, f"unknown options in: handstream {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    for words in command_lines(page):
        check(words)


def test_the_readme_names_every_command() -> None:
    group: Any = typer.main.get_command(app)
    named = {words[0] for words in command_lines(ROOT / "README.md") if words}
    # `make` runs these two.
    assert named | {"demo", "setup"} >= set(group.list_commands(typer.Context(group)))


def test_an_unknown_command_or_option_would_be_noticed() -> None:
    for line in ("produce hologram", "tail --frobnicate"):
        with pytest.raises(AssertionError, match=line):
            check(line.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_variables_and_make_targets_exist(page: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]*", page.read_text(encoding="utf-8"))) <= known
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {words[1] for words in map(str.split, lines_of_code(page)) if words[:1] == ["make"] and words[1:]} <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_relative_to(ROOT), f"{page.name} leads out of the project: {link}"
        assert target.exists(), f"{page.name} leads nowhere: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} leads to no heading: {link}"


def anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tests_that_the_docs_name_exist(page: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8")))
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in sources} == set()


def test_every_failure_is_shown_by_a_test() -> None:
    rows = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8").splitlines()
    failures = [row for row in rows if row.count("|") > 5 and not row.startswith(("| if …", "|---"))]
    assert failures
    assert [row for row in failures if not re.search(r"`test_\w+`", row.rsplit("|", 2)[1])] == []


def test_pictures_are_small_and_used() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for picture in (ROOT / "assets").iterdir():
        assert picture.stat().st_size < MAX_PICTURE_BYTES
        assert f"(assets/{picture.name})" in readme
