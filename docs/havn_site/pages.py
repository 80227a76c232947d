"""Which pages there are, in which order: the one list that both languages' contents are made from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).resolve().parents[1]
LANGUAGES: Final = {"en": "English", "id": "Bahasa Indonesia"}
MARK: Final = "<!-- toctree -->"


class Part(NamedTuple):
    """A part of the contents: its caption in each language, and its pages."""

    captions: dict[str, str]
    pages: tuple[str, ...]


PARTS: Final = (
    Part({"en": "Begin", "id": "Mulai"}, ("tutorial", "integration-flow", "examples", "moving", "faq")),
    Part(
        {"en": "The calls", "id": "Panggilan"},
        ("auth", "transactions", "user-sync", "vouchers", "money", "errors", "retries"),
    ),
    Part({"en": "Try and test", "id": "Mencoba dan menguji"}, ("sandbox", "testing", "command-line")),
    Part(
        {"en": "In production", "id": "Di produksi"},
        ("outbox", "outbox-in-your-framework", "django", "celery", "deployment", "observability"),
    ),
    Part({"en": "References", "id": "Referensi"}, ("api-reference", "http-reference")),
    Part({"en": "For contributors", "id": "Untuk kontributor"}, ("scale", "benchmarks", "mutation")),
)

ENGLISH_ONLY: Final = frozenset({"scale", "benchmarks", "mutation"})
"""Pages for those who work on the SDK itself: they are not translated."""


def listed() -> list[str]:
    """Every page but the index, in order."""
    return [page for part in PARTS for page in part.pages]


def written(language: str) -> set[str]:
    """The pages that stand in a language's folder."""
    return {path.stem for path in (DOCS / language).glob("*.md")}


def contents(language: str) -> str:
    """The tables of contents of a language, as MyST; a page that is not translated is not in its table."""
    there = written(language)
    trees: list[str] = []
    for part in PARTS:
        pages = [page for page in part.pages if page in there]
        if pages:
            head = ["```{toctree}", ":hidden:", f":caption: {part.captions[language]}", ""]
            trees.append("\n".join([*head, *pages, "```"]))
    return "\n\n".join(trees)


def write_made(folder: Path, made: dict[str, str]) -> None:
    """Put made pages beside the sources, where Sphinx reads them; git ignores them. Old ones go."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def outside_code(page: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> str:
    """A page with what a pattern finds replaced, but for what is within blocks of code."""
    fences = re.split(r"(^ *```.*?^ *```$)", page, flags=re.DOTALL | re.MULTILINE)
    fences[::2] = [pattern.sub(new, prose) for prose in fences[::2]]
    return "".join(fences)


def _put_in_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == "index":
        source[0] = source[0].replace(MARK, contents(app.config.language))


def setup(app: Sphinx) -> None:
    """Put the contents where an index asks for them."""
    app.connect("source-read", _put_in_contents)
