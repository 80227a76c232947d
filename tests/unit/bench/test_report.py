"""The outcomes as people and programs read them."""

from __future__ import annotations

import json

import pytest
from bench.figures import Figure
from bench.report import as_json, cells, facts_markdown, filled, markdown, scaling_markdown, terminal
from bench.rounds import Spread
from bench.rows import MIB, MICROSECONDS, Row
from bench.scaling import Curve, Panel
from bench.verdicts import Outcome


def nothing(_url: str, _rounds: int) -> Figure:
    """These rows are not measured."""
    raise AssertionError


TIME = Outcome(
    Row("sync", "our call", "raw call", nothing, bound=0.95, stretch=0.82),
    Figure(Spread(0.8, 0.75, 0.853), Spread(0.9, 0.8, 1.0), ours=0.000_4, reference=0.001_5, rounds=40),
)
SMALL = Outcome(
    Row("second", "a second", "the first", nothing, bound=0.05, stretch=0.01),
    Figure(Spread(0.0091, 0.0088, 0.0102), Spread(0.01, 0.01, 0.01), ours=0.001, reference=0.1, rounds=21),
)
ADDED = Outcome(
    Row("layers", "layers", "send", nothing, bound=30, stretch=20, unit=MICROSECONDS),
    Figure(Spread(31.26, 30, 33), Spread(32, 31, 33), ours=0.000_061, reference=0.000_03, rounds=40),
)
MEMORY = Outcome(
    Row("memory", "a million", "ten thousand", nothing, bound=5, stretch=1, unit=MIB),
    Figure(Spread(1.25, 1.25, 1.25), None, ours=34.25, reference=33, rounds=1),
)
ABSENT = Outcome(Row("aiohttp", "extra", "raw call", nothing, bound=0.2), None, missing="no such transport")
ALL = [TIME, SMALL, ADDED, MEMORY, ABSENT]

PANELS = [Panel("threads", (Curve("havn", {1: 400.4, 16: 500.6}),))]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (TIME, ("0.95", "0.82", "0.80 (0.75 to 0.85)", "0.90", "400 µs", "1 500 µs", "holds, stretch too")),
        (
            SMALL,
            ("0.050", "0.010", "0.009 (0.009 to 0.010)", "0.010", "1 000 µs", "100 000 µs", "holds, stretch too"),
        ),
        (ADDED, ("30.0 µs", "20.0 µs", "31.3 µs (30.0 to 33.0)", "32.0 µs", "61 µs", "30 µs", "ABOVE")),
        (MEMORY, ("5.0 MiB", "1.0 MiB", "1.2 MiB", "", "34.2 MiB", "33.0 MiB", "holds")),
        (ABSENT, ("0.20", "", "", "", "", "", "not available: no such transport")),
    ],
    ids=["ratio", "small ratio", "added time", "memory", "not available"],
)
def test_a_row_says_what_was_measured_in_its_unit(outcome: Outcome, expected: tuple[str, ...]) -> None:
    """Goals, median with quartiles, wall time, both sides, and the verdict; what is not there stays empty."""
    row = outcome.row
    assert cells(outcome) == (row.name, row.what, row.against, *expected)


def test_the_terminal_s_table_is_aligned() -> None:
    """A heading, a line for each row, and every verdict in the same column."""
    heading, *lines = terminal(ALL).splitlines()
    assert [line.split()[0] for line in lines] == [outcome.row.name for outcome in ALL]
    assert len({line.index(outcome.verdict) for line, outcome in zip(lines, ALL, strict=True)}) == 1
    assert heading.split()[0] == "row"


def test_the_markdown_table_has_a_cell_for_each_heading() -> None:
    """Every line of the table has as many cells as its heading."""
    lines = markdown(ALL).splitlines()
    assert len(lines) == len(ALL) + 2
    assert len({line.count("|") for line in lines}) == 1


def test_the_scaling_has_a_column_for_each_level() -> None:
    """Whole microseconds, a line for each curve."""
    assert scaling_markdown(PANELS).splitlines() == [
        "| at once |  | 1 | 16 |",
        "| --- | --- | --- | --- |",
        "| threads | havn | 400 | 501 |",
    ]


def test_a_curve_that_lacks_a_level_leaves_it_empty() -> None:
    """A level that one contender was not measured at is no reason to leave out the others."""
    panels = [*PANELS, Panel("asyncio", (Curve("havn", {16: 7.0}),))]
    assert scaling_markdown(panels).splitlines()[-1] == "| asyncio | havn |  | 7 |"


def test_the_machine_has_a_line_for_each_fact() -> None:
    """Facts stay in their order."""
    assert facts_markdown({"CPU": "a fast one", "cores": "2"}).splitlines()[2:] == [
        "| CPU | a fast one |",
        "| cores | 2 |",
    ]


def test_the_json_holds_everything() -> None:
    """Whatever the tables show can be read by a program, and what was not measured says why."""
    written = json.loads(json.dumps(as_json(ALL, PANELS, {"cores": "2"})))
    assert written["machine"] == {"cores": "2"}
    assert written["scaling"][0]["curves"][0]["points"] == {"1": 400.4, "16": 500.6}
    first, *_, last = written["rows"]
    assert (first["name"], first["bound"], first["holds"]) == ("sync", 0.95, True)
    assert first["value"] == {"median": 0.8, "low": 0.75, "high": 0.853}
    assert (last["holds"], last["verdict"]) == (False, "not available: no such transport")
    assert "value" not in last


def test_a_document_is_filled_between_its_marks() -> None:
    """What stood there goes, everything else stays, and filling twice is filling once."""
    document = "before\n<!-- table -->\nold\n<!-- /table -->\nafter\n"
    once = filled(document, "table", "new")
    assert once == "before\n<!-- table -->\nnew\n<!-- /table -->\nafter\n"
    assert filled(once, "table", "new") == once


@pytest.mark.parametrize("document", ["", "<!-- table -->", "<!-- /table -->", "<!-- /table --><!-- table -->"])
def test_a_document_without_marks_is_an_error(document: str) -> None:
    """Nothing is written into a document that has no place for it."""
    with pytest.raises(ValueError, match="no marks <!-- table -->"):
        filled(document, "table", "new")
