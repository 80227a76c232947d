"""The examples on the site: for each a page with its README and its code, where the repository has a folder."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from havn_site.pages import DOCS, outside_code, write_made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sphinx.application import Sphinx
    from sphinx.config import Config

EXAMPLES: Final = DOCS.parent / "examples"
FOLDER: Final = "examples"
"""Where the pages are, below a language's folder."""

SHOWN: Final = {".py": "python", ".html": "html+django", ".csv": "text", ".ipynb": "python"}
"""The files that are shown, and how they are coloured; what else is there, an example made when it ran."""

WORDS: Final = {
    "en": {"code": "The code", "note": ""},
    "id": {"code": "Kode", "note": "*README dan kodenya berbahasa Inggris.*"},
}
LINK: Final = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]`]|`[^`]*`)*)\]\((?P<target>[^):\s]+)\)")


def names() -> list[str]:
    """The examples: the folders with a README."""
    return sorted(readme.parent.name for readme in EXAMPLES.glob("*/README.md"))


def files(name: str) -> list[Path]:
    """What is shown of an example, the outermost first."""
    folder = EXAMPLES / name
    found = (each for each in folder.rglob("*") if each.suffix in SHOWN and each.stat().st_size)
    own = (each for each in found if not any(part.startswith(".") for part in each.relative_to(folder).parts))
    return sorted(own, key=lambda each: (len(each.parts), each))


def place(file: Path) -> str | None:
    """Where the site has a file or a folder of the examples, from a language's folder; None for any other."""
    name = next(iter(file.relative_to(EXAMPLES).parts), "") if file.is_relative_to(EXAMPLES) else ""
    if name not in names():
        return None
    page = f"{FOLDER}/{name}.md"
    return f"{page}#{anchor(name, file)}" if file in files(name) else page


def anchor(name: str, file: Path) -> str:
    """The anchor of a file's heading, as MyST makes it."""
    return re.sub(r"[^\w\-]", "", str(file.relative_to(EXAMPLES / name)).lower())


def on_its_page(name: str, language: str, text: str, target: str) -> str:
    """A link of a README, as MyST: to the code below, to another example, or to a page of the language."""
    path, _, heading = target.partition("#")
    file = (EXAMPLES / name / path).resolve()
    there = place(file)
    if there is not None:
        return f"[{text}](/{there})"
    if file.suffix == ".md" and file.parent.parent == DOCS and (DOCS / language / file.name).exists():
        kept = f"#{heading}" if heading and file.parent.name == language else ""
        return f"[{text}](/{file.name}{kept})"
    return text


def page(name: str, language: str) -> str:
    """The page of an example, as MyST."""
    words = WORDS[language]
    title, _, rest = (EXAMPLES / name / "README.md").read_text(encoding="utf-8").partition("\n")
    parts = [title, words["note"], rest.strip(), f"## {words['code']}"]
    for file in files(name):
        parts.append(f"### `{file.relative_to(EXAMPLES / name)}`")
        parts += notebook(file) if file.suffix == ".ipynb" else [included(file)]
    return outside_code(
        "\n\n".join(filter(None, parts)) + "\n",
        LINK,
        lambda found: on_its_page(name, language, found["text"], found["target"]),
    )


def included(file: Path) -> str:
    """A file as it stands."""
    path = file.relative_to(DOCS.parent)
    return f"```{{literalinclude}} ../../../{path}\n:language: {SHOWN[file.suffix]}\n```"


def notebook(file: Path) -> Iterator[str]:
    """The cells of a notebook: its text, its code, and what that printed."""
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield re.sub(r"^#+ (.*)$", r"**\1**", source, flags=re.MULTILINE)
        elif source:
            yield f"```python\n{source}\n```"
        for output in cell.get("outputs", ()):
            printed = "".join(output.get("text") or output.get("data", {}).get("text/plain", ()))
            if printed:
                yield f"```text\n{printed.rstrip()}\n```"


def _write(app: Sphinx, config: Config) -> None:
    del app
    language = config.language
    write_made(DOCS / language / FOLDER, {f"{name}.md": page(name, language) for name in names()})


def _put_in_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    del app
    if docname == "examples":
        tree = ["```{toctree}", ":hidden:", "", *(f"{FOLDER}/{name}" for name in names()), "```"]
        source[0] = "\n".join([source[0].rstrip(), "", *tree, ""])


def setup(app: Sphinx) -> None:
    """Make the pages before Sphinx looks for any, and put them below the page that names them."""
    app.connect("config-inited", _write)
    app.connect("source-read", _put_in_contents)
