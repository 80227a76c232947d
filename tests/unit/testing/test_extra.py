"""What is said where the extra `sandbox` is not installed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from havn_ext.testing import SandboxTransport, start_sandbox
from havn_ext.testing.extra import sandbox_extra

NEEDS: list[tuple[Any, str]] = [
    (SandboxTransport, "starlette"),
    (SandboxTransport, "jsonschema_rs"),
    (start_sandbox, "starlette"),
    (start_sandbox, "jsonschema_rs"),
    (start_sandbox, "uvicorn"),
]


@pytest.mark.parametrize(("make", "package"), NEEDS)
def test_a_missing_package_is_told_with_its_cure(make: Any, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever needs the sandbox, and lacks a package of its extra, is told what to install."""
    for name in list(sys.modules):
        if name.startswith("havn_ext.sandbox"):
            monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == package] or [package]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{package} is missing.*pip install 'havn-sdk\[sandbox\]'"):
        make()


@pytest.mark.parametrize("name", [None, "havn_ext.nothing", "havn_api"])
def test_a_defect_of_ours_is_not_blamed_on_the_extra(name: str | None) -> None:
    """A module of the SDK's own that is missing is told as it is."""
    defect = ModuleNotFoundError("as it is", name=name)
    with pytest.raises(ModuleNotFoundError, match=r"^as it is$"), sandbox_extra():
        raise defect
