"""Templates: Jinja2 with escaping of everything, loaded with the first page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import HTMLResponse

from havn_ext.sandbox.inspector import money
from havn_ext.sandbox.inspector.addresses import PAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

__all__ = ["message", "page", "rendered"]


def page(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    """The answer that a template makes of these values."""
    return HTMLResponse(rendered(template, **values), status, headers)


def message(status: int, title: str, text: str) -> HTMLResponse:
    """A page that only says something."""
    return page("message.html", status=status, title=title, message=text, current=None, company=None)


def rendered(template: str, **values: object) -> str:
    """The text that a template makes of these values."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    import jinja2  # noqa: PLC0415  the sandbox starts without it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast("dict[str, Any]", environment.globals).update(root=ROOT, pages=PAGES)
    cast("dict[str, object]", environment.filters).update(
        amount=money.amount, cents=money.cents, exact_cents=money.exact_cents
    )
    return environment
