"""The pages about a company's data: its referral tree, its transactions to the cent, its vouchers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from havn_ext.sandbox import companies
from havn_ext.sandbox.inspector import cents, directory, referral_tree, templating, voucher_cards
from havn_ext.sandbox.inspector.addresses import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from havn_ext.sandbox.box import Box
    from havn_ext.sandbox.inspector.directory import Listed
    from havn_ext.sandbox.store import CompanyData

__all__ = ["associates", "transaction", "transactions", "vouchers"]


@attrs.frozen
class _Page:
    """The company that a page is about, among all companies."""

    company: Listed
    companies: list[Listed]
    data: CompanyData

    def rendered(self, view: str, template: str | None = None, **values: Any) -> Response:  # noqa: ANN401  as a template takes them
        """The page of a view, by its own template or by another one."""
        return templating.page(
            template or f"{view}.html",
            current=view.capitalize(),
            here=f"{ROOT}/{view}",
            company=self.company,
            companies=self.companies,
            **values,
        )


_View: TypeAlias = "Callable[[Request, _Page], Response]"


def _of_company(view: _View) -> Callable[[Request], Awaitable[Response]]:
    """The page that a view makes of the company of the address; of the first company without."""

    async def endpoint(request: Request) -> Response:
        box: Box = request.app.state.box
        listed = directory.stored(box)
        wanted = request.query_params.get("company")
        chosen = next((each for each in listed if wanted in {None, each.fingerprint}), None)
        company = companies.find(box.store, chosen.api_key) if chosen else None
        if chosen is None or company is None:
            return templating.message(404, "No such company", "A company appears here once it has data.")
        return view(request, _Page(chosen, listed, companies.open_data(box.store, company)))

    return endpoint


@_of_company
def associates(_request: Request, page: _Page) -> Response:
    """The referral tree."""
    nodes = list(referral_tree.nodes(page.data))
    return page.rendered("associates", nodes=nodes, total=sum(node.earned for node in nodes))


@_of_company
def transactions(_request: Request, page: _Page) -> Response:
    """Every recorded sale, newest first."""
    return page.rendered("transactions", transactions=page.data.all("transactions")[::-1])


@_of_company
def transaction(request: Request, page: _Page) -> Response:
    """One sale, and where every cent of it went."""
    row = page.data.find("transactions", id=request.path_params["transaction_id"])
    if row is None:
        return templating.message(404, "No such transaction", "The company has no transaction of this name.")
    return page.rendered("transactions", "transaction.html", transaction=row, split=cents.split(page.data, row))


@_of_company
def vouchers(request: Request, page: _Page) -> Response:
    """Every voucher with its terms and its use."""
    return page.rendered("vouchers", cards=voucher_cards.cards(page.data, request.app.state.box.clock()))
