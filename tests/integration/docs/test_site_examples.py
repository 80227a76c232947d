"""An example has a page on the site: its README, all of its code, and links that stay there."""

from __future__ import annotations

import re

import pytest
from docs_support import DOCS, ROOT
from havn_site import examples, links
from havn_site.pages import LANGUAGES

both_languages = pytest.mark.parametrize("language", LANGUAGES)
every_example = pytest.mark.parametrize("name", examples.names())


def test_every_folder_of_the_examples_has_a_page() -> None:
    """An example is a folder with a README; there is no other folder."""
    folders = {path.name for path in examples.EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(examples.names()) == folders


@both_languages
@every_example
def test_a_page_has_the_readme_and_every_file(name: str, language: str) -> None:
    """Each program, template and table of the example is on its page, under its name."""
    page = examples.page(name, language)
    readme = (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8")
    assert page.startswith(readme.partition("\n")[0])
    assert set(re.findall(r"^```console\n.*?^```$", readme, re.DOTALL | re.MULTILINE)) <= set(
        re.findall(r"^```console\n.*?^```$", page, re.DOTALL | re.MULTILINE)
    )
    for file in examples.files(name):
        assert f"### `{file.relative_to(ROOT / 'examples' / name)}`\n" in page
    for included in re.findall(r"\{literalinclude\} (\S+)", page):
        assert (DOCS / language / examples.FOLDER / included).resolve().exists()


@both_languages
@every_example
def test_a_link_of_a_readme_leads_to_a_page(name: str, language: str) -> None:
    """To the code below it, to another example, or to a page of the same language; never to a file."""
    for target in re.findall(r"\]\(([^)\s]+)\)", examples.page(name, language)):
        if not target.startswith("https:"):
            file, _, anchor = target.removeprefix("/").partition("#")
            made = re.fullmatch(rf"{examples.FOLDER}/(\w+)\.md", file)
            assert (DOCS / language / file).exists() or (made and made[1] in examples.names()), target
            assert not (made and anchor) or anchor in {
                examples.anchor(made[1], each) for each in examples.files(made[1])
            }


@both_languages
def test_a_link_to_an_example_leads_to_its_page(language: str) -> None:
    """In whichever way a page names it: its README, its folder, or a file of it."""
    for target in ("../../examples/flask/README.md", "../../examples/flask/", "../../examples/flask"):
        assert links.on_the_site(language, "Flask", target) == "[Flask](examples/flask.md)"
    assert links.on_the_site(language, "it", "../../examples/flask/app.py") == "[it](examples/flask.md#apppy)"
    assert links.on_the_site(language, "it", "../../openapi.yaml") == "[it](path:../../openapi.yaml)"


def test_a_notebook_shows_what_it_printed() -> None:
    """Its code and the outputs that are stored with it; the headings of its text are not those of the page."""
    page = examples.page("notebook", "en")
    assert page.count("```python") > 2
    assert "```text" in page
    assert len(re.findall(r"^# \S", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE)) == 1
