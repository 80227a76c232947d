"""Fixtures of the sandbox's unit tests: a sandbox in process whose clock stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox_support import Caller, StillClock, sandbox_in_process

from havn_ext.sandbox.companies import Company, open_data
from havn_ext.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Generator

    from havn_ext.sandbox.store import CompanyData


@pytest.fixture
def clock() -> StillClock:
    """The clock of the sandbox, at 2024-06-01 08:30 UTC."""
    return StillClock()


@pytest.fixture
def havn(clock: StillClock) -> Generator[Caller]:
    """The default company, with demo data."""
    with sandbox_in_process(clock=clock) as caller:
        yield caller


@pytest.fixture
def empty(havn: Caller) -> Caller:
    """A company of its own in the same sandbox, with nothing in it."""
    return havn.as_company("test_empty")


@pytest.fixture
def data() -> Generator[CompanyData]:
    """The tables of a new company, without a server around."""
    store = Store()
    yield open_data(store, Company("test_tables", "secret"))
    store.close()
