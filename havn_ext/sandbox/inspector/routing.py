"""Where the inspector's pages are: the list at `/`, everything else below one prefix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from havn_ext.sandbox.inspector import company_pages, request_pages
from havn_ext.sandbox.inspector.addresses import ROOT
from havn_ext.sandbox.inspector.security import SecurityHeaders

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["routes"]

_STATIC: Final = Path(__file__).with_name("static")


def routes() -> list[BaseRoute]:
    """The routes of the inspector; they find the sandbox in the application's state, as `box`."""
    secured = [Middleware(SecurityHeaders), Middleware(ExceptionMiddleware, handlers={404: request_pages.nowhere})]
    pages = [
        Route("/live", request_pages.live),
        Route("/requests.har", request_pages.export_har),
        Route("/requests.ndjson", request_pages.export_ndjson),
        Route("/requests/{entry_id:int}", request_pages.show),
        Route("/requests/{entry_id:int}.har", request_pages.export_one_har),
        Route("/requests/{entry_id:int}/resend", request_pages.resend, methods=["POST"]),
        Route("/associates", company_pages.associates),
        Route("/transactions", company_pages.transactions),
        Route("/transactions/{transaction_id}", company_pages.transaction),
        Route("/vouchers", company_pages.vouchers),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    return [
        Route("/", request_pages.listing, middleware=secured),
        Mount(ROOT, routes=pages, middleware=secured),
    ]
