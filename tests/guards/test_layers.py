"""Which module may import which: the design's arrows, read off the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPTIONAL = {"sandbox", "cli", "outbox", "integrations", "testing", "limits"}
CORE = sorted(
    path
    for path in (ROOT / "havn_ext").rglob("*.py")
    if path.relative_to(ROOT / "havn_ext").parts[0] not in OPTIONAL
)
PURE = {
    "signing",
    "currency",
    "vouchers",
    "retry",
    "errors",
    "config",
    "models",
    "referrals",
    "_redaction",
    "_guards",
}


def imported(path: Path) -> set[str]:
    """The absolute names of all modules that a file imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(path: Path) -> set[str]:
    """The first parts of what a file imports."""
    return {name.partition(".")[0] for name in imported(path)}


def test_there_is_a_core_to_look_at() -> None:
    """The guards below see the whole core."""
    names = {path.stem for path in CORE}
    assert names >= {"client", "_drivers", "_pool", "_exchange", "transactions", "users", "vouchers", "auth", *PURE}


def test_the_generated_client_knows_nothing_of_us() -> None:
    """`havn_api` imports neither `havn` nor `havn_ext`."""
    for path in (ROOT / "generated" / "havn_api").rglob("*.py"):
        names = {
            node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert not {name.partition(".")[0] for name in names} & {"havn", "havn_ext"}, path


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_imports_nothing_optional(path: Path) -> None:
    """The core imports none of the packages that are built upon it, and not `havn`, which is built upon all."""
    optional = {f"havn_ext.{name}" for name in OPTIONAL}
    assert not {name for name in imported(path) if ".".join(name.split(".")[:2]) in optional}
    assert "havn" not in packages(path)


@pytest.mark.parametrize(
    "path",
    [path for path in CORE if path.stem in PURE and path.parent.name == "havn_ext"],
    ids=lambda path: path.stem,
)
def test_the_rules_need_no_http(path: Path) -> None:
    """Signing, money, vouchers, retries, errors, settings and models import neither an HTTP library nor asyncio."""
    assert not packages(path) & {"httpx", "httpcore", "asyncio", "ssl", "socket", "requests"}


@pytest.mark.parametrize("path", sorted((ROOT / "havn").glob("*.py")), ids=lambda path: path.name)
def test_havn_only_passes_on(path: Path) -> None:
    """`havn` defines nothing public of its own: its names are `havn_ext`'s."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert packages(path) <= {"__future__", "typing", "importlib", "havn", "havn_ext"}
    defined = [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert set(defined) <= {"__getattr__", "__dir__"}
