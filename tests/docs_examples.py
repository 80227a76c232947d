"""The examples of the public docstrings, collected: indented blocks of Python, fenced ones, and `>>>` sessions."""

from __future__ import annotations

import inspect
import re
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from havn_site.areas import AREAS, documented

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCED = re.compile(r"^( *)```python\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
FIRST_WORDS = re.compile(r"(@|def |async def |class |from|import|with|async with|await|for|\w+ = |\w+\.\w+\()")


class Example(NamedTuple):
    """An example, and whose docstring it stands in."""

    owner: str
    code: str


def docstrings() -> Iterator[tuple[str, str]]:
    """Every public docstring by its name: of the modules, of their public names, and of their methods."""
    for module in sorted(
        {source for area in AREAS for source in (*area.sources, area.about) if source} | {"havn_ext"}
    ):
        try:
            yield module, import_module(module).__doc__ or ""
        except ModuleNotFoundError:
            continue  # a single name; it comes below
    for name in (each for area in AREAS for each in documented(area)):
        module, _, last = name.rpartition(".")
        value = getattr(import_module(module), last)
        if inspect.isclass(value) or inspect.isroutine(value):
            yield name, inspect.getdoc(value) or ""
        if inspect.isclass(value):
            for member, method in vars(value).items():
                if not member.startswith("_") and inspect.isfunction(method):
                    yield f"{name}.{member}", inspect.getdoc(method) or ""


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a docstring that are Python, and the fenced ones."""
    for found in FENCED.finditer(text):
        yield textwrap.dedent(found[2])
    plain = FENCED.sub("", text)
    body = re.split(r"^(?:Args|Returns|Raises|Yields|Attributes):$", plain, maxsplit=1, flags=re.MULTILINE)[0]
    for found in re.finditer(r"(?:^(?: {4}.*)?\n)*^ {4}.*$", body, re.MULTILINE):
        code = textwrap.dedent(found[0]).strip("\n")
        if FIRST_WORDS.match(code):
            yield code


FOUND = list(dict.fromkeys(docstrings()))
EXAMPLES = [Example(owner, code) for owner, text in FOUND for code in blocks(text)]
SESSIONS = [(owner, text) for owner, text in FOUND if ">>>" in text]
