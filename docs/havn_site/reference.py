"""The API reference: a page for each area, made of the docstrings, and a table of them all."""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docstrings import prepare_docstring

from havn_site.areas import AREAS, documented
from havn_site.pages import DOCS, write_made
from havn_site.reading import mended, public_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.config import Config

    from havn_site.areas import Area

MARK: Final = "<!-- api -->"
FOLDER: Final = "api"

HEAD: Final = "..\n   Made by havn_site.reference; edit the docstrings instead.\n"
NOT_INHERITED: Final = "object, Exception, BaseException, tuple, dict, TestCase, Generic, Protocol, Enum, str"


def page(area: Area, language: str) -> str:
    """The page of an area, as reStructuredText."""
    title = area.titles[language]
    parts = [HEAD, title, "=" * len(title), ""]
    if area.about:
        parts += [f".. automodule:: {area.about}", "   :no-members:", ""]
    for name in documented(area):
        parts += [directive(name), ""]
    return "\n".join(parts)


def directive(name: str) -> str:
    """What documents an object, by its kind."""
    module, _, last = name.rpartition(".")
    value = getattr(import_module(module), last)
    if not inspect.isclass(value):
        return f".. autofunction:: {name}" if inspect.isroutine(value) else constant(name, value)
    inheritance = "\n   :show-inheritance:" if public_bases(value.__bases__) != [object] else ""
    kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
    return f".. {kind}:: {name}\n   :members:\n   :inherited-members: {NOT_INHERITED}{inheritance}"


def tables(language: str) -> str:
    """The contents of the reference, as MyST: for each area its names, and what each is for."""
    parts = ["```{toctree}", ":hidden:", "", *(f"{FOLDER}/{area.slug}" for area in AREAS), "```", ""]
    for area in AREAS:
        parts += [f"## [{area.titles[language]}]({FOLDER}/{area.slug}.rst)", "", "```{eval-rst}",
                  ".. list-table::", "   :widths: 40 60", "", *rows(area), "```", ""]  # fmt: skip
    return "\n".join(parts)


def rows(area: Area) -> Iterator[str]:
    """The rows of an area's table: a name, and the first sentence of its docstring."""
    for name in documented(area):
        yield f"   * - :py:obj:`~{name}`"
        yield f"     - {first_sentence(docstring(name))}"


def first_sentence(lines: list[str]) -> str:
    """How a docstring begins, on one line."""
    text = " ".join(itertools.takewhile(str.strip, lines))
    return re.split(r"(?<=[.:])\s", text)[0].rstrip(":")


def docstring(name: str) -> list[str]:
    """The lines of a name's docstring; a constant's stands in its own module's source."""
    module, _, last = name.rpartition(".")
    value = getattr(import_module(module), last)
    if inspect.isclass(value) or inspect.isroutine(value):
        return prepare_docstring(value.__doc__ or "")
    package = module.replace("havn", "havn_ext") if module == "havn" else module
    homes = (each for each in sorted(sys.modules) if f"{each}.".startswith(f"{package}."))
    said = (ModuleAnalyzer.for_module(home).find_attr_docs().get(("", last)) for home in homes)
    return next(filter(None, said), [])


def constant(name: str, value: object) -> str:
    """A constant: autodoc asks only the module that passes it on, which does not say what it is."""
    lines = [f".. py:data:: {name}"]
    if isinstance(value, (str, int, float, bytes)):
        lines.append(f"   :value: {value!r}")
    return "\n".join([*lines, "", *(f"   {line}" for line in mended(docstring(name)))])


def _write(app: Sphinx, config: Config) -> None:
    del app
    language = config.language
    write_made(DOCS / language / FOLDER, {f"{area.slug}.rst": page(area, language) for area in AREAS})


def _put_in_tables(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == "api-reference":
        source[0] = source[0].replace(MARK, tables(app.config.language))


def setup(app: Sphinx) -> None:
    """Make the pages before Sphinx looks for any, and the tables as it reads."""
    app.connect("config-inited", _write)
    app.connect("source-read", _put_in_tables)
