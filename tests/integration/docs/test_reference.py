"""The references are whole: every public name, every operation of the contract, every picture as it is drawn."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from docs_support import DOCS, ROOT
from havn_site import http_reference, reference
from havn_site.areas import AREAS, Area, documented
from havn_site.pages import LANGUAGES, MARK
from pictures.scenes import files

import havn
import havn_ext
import havn_ext.integrations

if TYPE_CHECKING:
    from types import ModuleType

INNER = {
    # modules with public names that are documented elsewhere, or that are no interface
    "cli": "the command line has a page of its own",
    "config": "settings are arguments of the clients",
    "resources": "their classes are on the clients' page; the rest is the outbox's",
}


def public_modules() -> list[str]:
    """The modules and packages that users import from: below `havn_ext` and below `havn_ext.integrations`."""
    return [
        module.name
        for package in (havn_ext, havn_ext.integrations)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        if not module.name.rpartition(".")[2].startswith("_") and module.name.split(".")[1] not in INNER
    ]


def public(module: ModuleType) -> set[str]:
    """The names that a module offers."""
    return set(getattr(module, "__all__", ()))


def test_every_public_name_is_in_the_reference() -> None:
    """What `havn` and the packages offer is documented; an area for what is new is missing, not its page."""
    there = {name for area in AREAS for name in documented(area)}
    last = {name.rpartition(".")[2] for name in there}
    assert {f"havn.{name}" for name in havn.__all__} <= there
    for name in public_modules():
        assert public(import_module(name)) <= last, f"{name}: add it to docs/havn_site/areas.py"


def test_a_name_is_documented_once() -> None:
    """Two places for one name would be two answers."""
    names = [name for area in AREAS for name in documented(area)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.slug)
def test_every_name_says_what_it_is_for(area: Area) -> None:
    """The table of the reference has a sentence for each name."""
    for name in documented(area):
        assert reference.first_sentence(reference.docstring(name)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_marks_are_there(language: str) -> None:
    """What is made at build time has its place on the pages, once."""
    for page, mark in (("index", MARK), ("api-reference", reference.MARK), ("http-reference", http_reference.MARK)):
        assert (DOCS / language / f"{page}.md").read_text(encoding="utf-8").count(mark) == 1, page


def test_every_operation_is_in_the_table() -> None:
    """With its method, its path, and a link to its place in the reference."""
    table = http_reference.table("en")
    for method, path, operation in http_reference.operations(http_reference.contract()):
        assert f"``{method} {path}``" in table
        assert f"/operation/{operation['operationId']}>`__" in table


def test_redoc_s_own_picture_is_taken_out() -> None:
    """The one address that it would load; tests/e2e/test_docs_site.py sees that nothing else is asked for."""
    assert "cdn.redoc.ly" not in http_reference.bundle()


def test_the_pictures_are_what_the_script_draws() -> None:
    """`make pictures` changes nothing; each language has its own."""
    for name, svg in files().items():
        assert (ROOT / "docs" / "images" / name).read_text(encoding="utf-8") == svg, f"{name}: make pictures"
    assert {name for name in files() if name.endswith("-id.svg")} == {
        name.replace(".svg", "-id.svg") for name in files() if not name.endswith("-id.svg")
    }


def test_a_picture_whose_words_do_not_fit_is_refused() -> None:
    """Too long a translation is a fault of the script, not something cut off."""
    from pictures.drawing import Picture

    picture = Picture(300, 100, "title", "description")
    with pytest.raises(ValueError, match="takes some"):
        picture.box(0, 0, 100, 40, [("far too long for such a box", "")])
