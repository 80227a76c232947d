"""The limits without the optional packages: what can be imported, and what is said."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa

from havn_ext.limits import AsyncRedisStore, PostgresStore, RedisStore, rate_table
from havn_ext.limits._extra import extra

NEEDS: list[tuple[Any, str, str]] = [
    (lambda: RedisStore.from_url("redis://127.0.0.1"), "redis", "redis"),
    (lambda: AsyncRedisStore.from_url("redis://127.0.0.1"), "redis", "redis"),
    (lambda: rate_table(sa.MetaData()), "sqlalchemy", "outbox"),
]


@pytest.mark.parametrize(("make", "package", "name"), NEEDS)
def test_a_missing_package_is_told_with_its_cure(
    make: Any, package: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever needs a store, and lacks its package, is told what to install."""
    for module in [module for module in sys.modules if module.partition(".")[0] == package] or [package]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{package} is missing.*pip install 'havn-sdk\[{name}\]'"):
        make()


def test_a_defect_elsewhere_is_not_blamed_on_the_extra() -> None:
    """Another module that is missing is told as it is."""
    defect = ModuleNotFoundError("as it is", name="elsewhere")
    with pytest.raises(ModuleNotFoundError, match=r"^as it is$"), extra("redis", "redis"):
        raise defect


def test_nothing_optional_is_imported() -> None:
    """`import havn_ext.limits` loads neither Redis nor SQLAlchemy nor an HTTP library."""
    program = "import havn_ext.limits, sys; print({m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout  # noqa: S603  a program of ours
    assert not [name for name in ("redis", "sqlalchemy", "httpx") if repr(name) in loaded]


def test_another_database_is_refused() -> None:
    """The SQL is PostgreSQL's: another engine is refused before anything is done."""
    with pytest.raises(ValueError, match=r"needs PostgreSQL.*sqlite"):
        PostgresStore(sa.create_engine("sqlite://"))
