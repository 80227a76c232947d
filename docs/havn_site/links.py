"""Links that read well in the repository, and lead somewhere on the site too.

A page links to a file of the repository (`../../openapi.yaml`) and, in Indonesian, to a page that is in English
alone (`../en/scale.md`). The site carries the file itself, and the other language's site stands beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from havn_site.pages import DOCS

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
    if file.is_dir():  # a site has no folders to look into
        readme = file / "README.md"
        return f"[{text}](path:{path.rstrip('/')}/README.md)" if readme.exists() else text
    return f"[{text}](path:{path})"


def rewritten(language: str, page: str) -> str:
    """A page whose links out of its folder are the site's; what is within code stays."""
    fences = re.split(r"(^ *```.*?^ *```$)", page, flags=re.DOTALL | re.MULTILINE)
    for number in range(0, len(fences), 2):
        fences[number] = LINK.sub(
            lambda found: on_the_site(language, found["text"], found["target"]), fences[number]
        )
    return "".join(fences)


def _rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    del docname
    source[0] = rewritten(app.config.language, source[0])


def setup(app: Sphinx) -> None:
    """Rewrite each page as it is read."""
    app.connect("source-read", _rewrite)
