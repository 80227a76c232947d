"""Control of the data: reset, seeds, snapshots and FX tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext.sandbox import companies, conversion
from havn_ext.sandbox.control.asks import done
from havn_ext.sandbox.messages import Answer, RefusedError
from havn_ext.sandbox.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.control.asks import Ask, Rule

__all__ = ["RULES"]


async def _reset(ask: Ask) -> Answer:
    if ask.scope is None:
        ask.box.reset()
        return done("The sandbox is as on its first start")
    ask.box.reset_company(ask.company)
    return done("The company is as new")


async def _seed(ask: Ask) -> Answer:
    ask.box.seed(ask.company, ask.body["seed"])
    return done("The company's data is replaced")


async def _list_snapshots(ask: Ask) -> Answer:
    return Answer(200, {"snapshots": ask.box.snapshots.names()})


async def _save_snapshot(ask: Ask) -> Answer:
    ask.box.snapshots.save(ask.path["name"])
    return done("All data is saved", 201)


async def _load_snapshot(ask: Ask) -> Answer:
    try:
        ask.box.load(ask.path["name"])
    except KeyError as error:
        raise _no_snapshot() from error
    except StoreError as error:
        raise RefusedError(409, str(error)) from error
    return done("All data is put back")


async def _delete_snapshot(ask: Ask) -> Answer:
    try:
        ask.box.snapshots.delete(ask.path["name"])
    except KeyError as error:
        raise _no_snapshot() from error
    return done("The snapshot is thrown away")


def _no_snapshot() -> RefusedError:
    return RefusedError(404, "No snapshot has this name")


async def _get_rates(ask: Ask) -> Answer:
    with ask.box.store.transaction(keep=False):  # looking makes no company
        return _rates(ask)


async def _set_rates(ask: Ask) -> Answer:
    with ask.box.store.transaction():
        conversion.set_rates(companies.open_data(ask.box.store, ask.company), ask.body["rates"])
        return _rates(ask)


def _rates(ask: Ask) -> Answer:
    rates = conversion.rates(companies.open_data(ask.box.store, ask.company))
    return Answer(200, {"rates": {currency: f"{rate:f}" for currency, rate in rates.items()}})


RULES: Final[Mapping[str, Rule]] = {
    "resetSandbox": _reset,
    "seedCompany": _seed,
    "listSnapshots": _list_snapshots,
    "saveSnapshot": _save_snapshot,
    "loadSnapshot": _load_snapshot,
    "deleteSnapshot": _delete_snapshot,
    "getRates": _get_rates,
    "setRates": _set_rates,
}
"""operationId to rule."""
