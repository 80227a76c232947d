"""Links that read well in the repository, and lead somewhere on the site too.

A page links to a file of the repository (`../../openapi.yaml`) and, in Indonesian, to a page that is in English
alone (`../en/scale.md`). The site carries the file itself, the other language's site stands beside it, and an
example has a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from havn_site import examples
from havn_site.pages import DOCS, outside_code

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LINK: Final = re.compile(
    r"(?<!!)\[(?P<text>(?:[^\[\]`]|`[^`]*`|!\[[^\]]*\]\([^)]*\))*)\]\((?P<target>\.\./[^)\s]+)\)"
)
SCHEME: Final = "beside"
SCHEMES: Final = {
    "http": None,
    "https": None,
    "mailto": None,
    SCHEME: {"url": "{{path}}#{{fragment}}", "classes": []},
}


def on_the_site(language: str, text: str, target: str) -> str:
    """A link out of a language's folder, as MyST."""
    path, _, anchor = target.partition("#")
    file = (DOCS / language / path).resolve()
    if file.suffix == ".md" and file.parent.parent == DOCS:
        return f"[{text}]({SCHEME}:{path.removesuffix('.md')}.html#{anchor})"
    if there := examples.place(file):
        return f"[{text}]({there})"
    if file.is_dir():  # a site has no folders to look into
        return text
    return f"[{text}](path:{path})"


def rewritten(language: str, page: str) -> str:
    """A page whose links out of its folder are the site's; what is within code stays."""
    return outside_code(page, LINK, lambda found: on_the_site(language, found["text"], found["target"]))


def _rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    del docname
    source[0] = rewritten(app.config.language, source[0])


def setup(app: Sphinx) -> None:
    """Rewrite each page as it is read."""
    app.connect("source-read", _rewrite)
