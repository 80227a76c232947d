"""The Indonesian documents say what the English ones say: the same pages, structure and code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from docs_support import DOCS, ROOT, blocks_of, name, prose_of
from havn_site.areas import AREAS
from havn_site.http_reference import SUMMARIES, contract, operations
from havn_site.pages import ENGLISH_ONLY, LANGUAGES, PARTS, listed

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = [
    (ROOT / "README.md", ROOT / "README.id.md"),
    *(
        (path, DOCS / "id" / path.name)
        for path in sorted((DOCS / "en").glob("*.md"))
        if path.stem not in ENGLISH_ONLY
    ),
]

both_languages = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1].name)


def test_the_same_pages_are_there() -> None:
    """What is in English is in Indonesian, but for the pages of one list; nothing is in Indonesian alone."""
    english, indonesian = ({path.stem for path in (DOCS / code).glob("*.md")} for code in LANGUAGES)
    assert indonesian == english - ENGLISH_ONLY
    assert english >= ENGLISH_ONLY
    assert (ROOT / "README.id.md").exists()


def test_the_contents_list_every_page() -> None:
    """A page is in the contents once; the contents name no page that nobody writes."""
    english = {path.stem for path in (DOCS / "en").glob("*.md")}
    assert len(listed()) == len(set(listed()))
    assert {*listed(), "index"} == english


@both_languages
def test_headings_are_those_of_the_other_page(pair: tuple[Path, Path]) -> None:
    """As many headings, of the same levels, in the same order."""
    assert headings(pair[1]) == headings(pair[0])


def headings(path: Path) -> list[int]:
    """The levels of a page's headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose_of(path), re.MULTILINE)]


@both_languages
def test_code_is_that_of_the_other_page(pair: tuple[Path, Path]) -> None:
    """The same blocks, to the byte, in the same order."""
    ours, theirs = ([(block.language, block.code) for block in blocks_of(path)] for path in pair)
    assert theirs == ours


@both_languages
def test_tables_are_those_of_the_other_page(pair: tuple[Path, Path]) -> None:
    """As many tables, with as many rows and columns."""
    assert tables(pair[1]) == tables(pair[0])


def tables(path: Path) -> list[list[int]]:
    """How many cells each row of each table has."""
    found = re.findall(r"(?:^ *\|.*\|$\n?)+", prose_of(path), re.MULTILINE)
    return [[len(re.split(r"(?<!\\)\|", row)) - 2 for row in table.splitlines()] for table in found]


@both_languages
def test_pictures_and_links_are_those_of_the_other_page(pair: tuple[Path, Path]) -> None:
    """The same targets, but for the translated page, picture, or heading: there is one, or none, in both."""
    assert targets(pair[1]) == targets(pair[0])


def targets(path: Path) -> list[str]:
    """Where a page's links lead, in either language's spelling, sorted: a sentence may have another order."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose_of(path))
    return sorted(
        re.sub(r"(?<=#).*|^\.\./en/|(?<=^docs/)(en|id)/|-id(?=\.svg$)|\.id(?=\.md$)", "", each) for each in found
    )


@both_languages
def test_no_paragraph_was_left_in_english(pair: tuple[Path, Path]) -> None:
    """No long line of prose is the same on both pages."""
    ours, theirs = (set(prose_of(path).splitlines()) for path in pair)
    same = {
        line
        for line in ours & theirs
        if len(re.findall(r"[A-Za-z]{3,}", re.sub(r"`[^`]*`|\]\([^)]*\)", "", line))) > 8
    }
    assert same == set()


@pytest.mark.parametrize("path", [pair[0] for pair in PAIRS] + [pair[1] for pair in PAIRS], ids=name)
def test_a_page_has_one_title(path: Path) -> None:
    """One heading of the first level, and it comes first."""
    levels = headings(path)
    assert levels[0] == 1
    assert levels.count(1) == 1


def test_the_frame_is_in_both_languages() -> None:
    """Captions, titles of the reference and summaries of operations are there in every language."""
    for each in (*(part.captions for part in PARTS), *(area.titles for area in AREAS)):
        assert set(each) == set(LANGUAGES)
    assert set(SUMMARIES) == {operation["operationId"] for _, _, operation in operations(contract())}
