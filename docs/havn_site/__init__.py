"""What the site does beyond Sphinx: two languages, references made from code and contract, the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from havn_site import examples, http_reference, languages, links, pages, reading, reference

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Take part in the build."""
    for part in (languages, pages, links, reading, reference, http_reference, examples):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
