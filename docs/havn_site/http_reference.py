"""The HTTP reference: a table of the contract's operations, and Redoc with the whole contract in it.

Redoc comes from drf-spectacular-sidecar, which carries its files; the site serves them itself, so that the page
asks the network for nothing.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from havn_site.pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

MARK: Final = "<!-- operations -->"
PAGE: Final = "http-api"
CONTRACT: Final = DOCS.parent / "openapi.yaml"
METHODS: Final = ("get", "post", "put", "patch", "delete")
BUNDLE: Final = files("drf_spectacular_sidecar") / "static" / "drf_spectacular_sidecar" / "redoc"

FOREIGN: Final = '"https://cdn.redoc.ly/redoc/logo-mini.svg"'
"""The one address that Redoc would load by itself; without a picture the logo hides."""
NO_PICTURE: Final = '"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"'

WORDS: Final = {
    "en": {
        "headings": ("Operation", "Method and path", "What it does", "Answers"),
        "open": "Open the whole reference",
        "back": "Documents",
    },
    "id": {
        "headings": ("Operasi", "Metode dan path", "Kegunaan", "Respons"),
        "open": "Buka referensi lengkap",
        "back": "Dokumen",
    },
}
SUMMARIES: Final = {
    "sendTransaction": "Melaporkan transaksi yang sudah dibayar",
    "syncUsers": "Membuat atau memperbarui satu user, atau sampai lima puluh",
    "validateVoucher": "Memeriksa apakah voucher dapat dipakai sekarang",
    "listVouchers": "Menampilkan daftar voucher HAVN",
    "createLoginLink": "Membuat tautan login",
}
"""What each operation does, in Indonesian; the contract says it in English."""


def contract() -> dict[str, Any]:
    """`openapi.yaml`, parsed."""
    parsed: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return parsed


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation: its method, its path, and itself."""
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def table(language: str) -> str:
    """The operations, each with its place in the reference, as MyST."""
    words = WORDS[language]
    rows = [
        "```{eval-rst}",
        f"`{words['open']} <{PAGE}.html>`__",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 18 42 24 16",
        "",
    ]
    rows += _row(*words["headings"])
    for method, path, operation in operations(contract()):
        name, (tag, *_) = operation["operationId"], operation["tags"]
        link = f"`{name} <{PAGE}.html#tag/{tag}/operation/{name}>`__"
        summary = operation["summary"] if language == "en" else SUMMARIES[name]
        rows += _row(link, f"``{method} {path}``", summary, ", ".join(map(str, operation["responses"])))
    return "\n".join([*rows, "```"])


def _row(*cells: str) -> list[str]:
    return [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]


def bundle() -> str:
    """Redoc's program, with nothing in it that asks the network.

    Raises:
        ValueError: This version of Redoc asks for something else: look at it anew.
    """
    program = (BUNDLE / "bundles" / "redoc.standalone.js").read_text(encoding="utf-8")
    if program.count(FOREIGN) != 1:
        raise ValueError(f"Redoc no longer loads {FOREIGN}: see what it loads instead")
    return program.replace(FOREIGN, NO_PICTURE).replace("//# sourceMappingURL=redoc.standalone.js.map", "")


def _put_in_table(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == "http-reference":
        source[0] = source[0].replace(MARK, table(app.config.language))


def _page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    spec = json.dumps(contract(), ensure_ascii=False, default=str).replace("</", "<\\/")
    yield PAGE, {"spec": spec, "words": WORDS[app.config.language]}, "http-api.html"


def _copy(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "redoc"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "redoc.js").write_text(bundle(), encoding="utf-8")
        for licence, name in (("LICENSE", "LICENSE"), ("bundles/redoc.standalone.js.LICENSE.txt", "LICENSES.txt")):
            (folder / name).write_text((BUNDLE / licence).read_text(encoding="utf-8"), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Make the page, and the table that leads to it."""
    app.connect("source-read", _put_in_table)
    app.connect("html-collect-pages", _page)
    app.connect("build-finished", _copy)
