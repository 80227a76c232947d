"""What the benchmark says when it can't measure, and what it refuses."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from bench import asynchronous, command
from bench.figures import Figure, Unavailable
from bench.rounds import Spread
from bench.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@contextmanager
def no_server() -> Iterator[str]:
    """Rows that are not measured need none."""
    yield "http://127.0.0.1"


def row_of(*values: float) -> Row:
    """A row with a bound of 1 that gives one value after the other."""
    left = iter(values)

    def measure(_url: str, _rounds: int) -> Figure:
        value = next(left)
        return Figure(Spread(value, value, value), None, ours=value, reference=1.0, rounds=1)

    return Row("sync", "ours", "raw", measure, bound=1.0, stretch=0.5)


def test_without_nginx_it_says_so_and_measures_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and a clear word; no other server stands in."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert command.main(["--only", "sync"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "nginx is not installed" in told.err


@pytest.mark.parametrize(
    ("arguments", "values", "code"),
    [
        ([], (9.0,), 0),
        (["--check"], (9.0, 9.0, 0.9), 0),
        (["--check"], (9.0, 9.0, 9.0), 1),
    ],
    ids=["no check", "holds at last", "never holds"],
)
def test_only_a_check_fails(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], values: tuple[float, ...], code: int
) -> None:
    """Without --check a row above its bound is shown; with it the exit code is 1, after three repeats."""
    nowhere: AbstractContextManager[str] = no_server()
    monkeypatch.setattr(command, "nginx", lambda: nowhere)
    monkeypatch.setattr(command, "ROWS", (row_of(*values),))
    assert command.main(["--only", "sync", *arguments]) == code


def test_the_json_file_holds_what_was_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--json FILE` writes the rows and the machine."""
    nowhere: AbstractContextManager[str] = no_server()
    monkeypatch.setattr(command, "nginx", lambda: nowhere)
    monkeypatch.setattr(command, "ROWS", (row_of(0.75),))
    command.main(["--only", "sync", "--json", str(tmp_path / "figures.json")])
    assert '"median": 0.75' in (tmp_path / "figures.json").read_text()


@pytest.mark.parametrize(
    "arguments",
    [["--only", "nothing"], ["--rounds", "0"], ["--docs", "--only", "sync"], ["--docs", "--check"]],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    """A row that there isn't, no rounds, documents with holes in them."""
    with pytest.raises(SystemExit) as refused:
        command.main(arguments)
    assert refused.value.code == 2


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where aiohttp's transport can't be had, the row says what is missing instead of measuring another one."""
    monkeypatch.setattr(asynchronous, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match=r"transport|\[aiohttp\]"):
        asynchronous.havn_client("http://127.0.0.1", "aiohttp")
