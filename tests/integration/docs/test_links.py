"""Every link of the documents leads somewhere: to a file, to a heading, or at least to a well-formed address."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from docs_support import DOCS, ROOT, name, pages, prose_of

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [
    *(ROOT / f"{each}.md" for each in ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "SECURITY")),
    *pages("en"),
    *pages("id"),
    *sorted((ROOT / "examples").rglob("README*.md")),
]
SPOKEN_OF = {"127.0.0.1", "localhost", "api.havn.com"}
"""Hosts of addresses that are no links of ours to somewhere: a reader's own machine, and HAVN's interface."""


@cache
def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.*?)\s*$", prose_of(path), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = sum(each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each) is not None for each in found)
        found.add(f"{slug}-{number}" if slug in found else slug)
    return found


def links(path: Path) -> list[str]:
    """Where a page's links lead; code is no link."""
    prose = re.sub(r"`[^`\n]*`", "`code`", prose_of(path))
    return re.findall(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)", prose)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_link_within_the_repository_leads_somewhere(path: Path) -> None:
    """Its file is there, and has the heading that it names."""
    for link in (each for each in links(path) if not re.match(r"[a-z]+:", each)):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_link_to_elsewhere_is_an_address(path: Path) -> None:
    """https, a host with a name, nothing left of a template. Whether it answers today is nobody's test."""
    for link in (each for each in links(path) if re.match(r"[a-z]+:", each)):
        address = urlsplit(link)
        assert address.scheme == "https" or address.hostname in SPOKEN_OF, link
        assert re.fullmatch(r"[a-z0-9.-]+", address.hostname or ""), link
        assert not set(link) & set("{}<>…"), link


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_of_a_language_stays_in_it(path: Path) -> None:
    """An Indonesian page leads to Indonesian pages, but where a page is in English alone."""
    if path.parent.name != "id":
        return
    for link in links(path):
        found = re.match(r"\.\./en/([\w-]+)\.md", link)
        assert not found or not (DOCS / "id" / f"{found[1]}.md").exists(), link
