"""How Sphinx builds one language of the documents: `sphinx-build -c docs -D language=id docs/id OUT`.

`make docs` builds both, see `scripts/build_docs.py`. What the site does beyond Sphinx is in `havn_site`.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from havn_site.links import SCHEMES  # noqa: E402  the same

from havn_ext import __version__  # noqa: E402  after the path is set

project = "HAVN SDK"
author = "The HAVN SDK developers"
version = release = __version__
html_title = f"{project} {release}"
html_short_title = project

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "havn_site"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
templates_path = ["_templates"]
exclude_patterns: list[str] = []

myst_heading_anchors = 4  # links such as `errors.md#the-tree`, as GitHub makes them
myst_url_schemes = SCHEMES

nitpicky = True
default_role = "py:obj"  # `name` in a docstring: a link where it is documented, code elsewhere

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autoclass_content = "both"  # a client's arguments are documented at its constructor
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_numpy_docstring = False
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"
add_module_names = False

html_theme = "furo"
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5fd3a5", "color-brand-content": "#5fd3a5"},
}

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_exclude = ".linenos, .gp"
