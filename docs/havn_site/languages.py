"""Two languages: the way from a page to the same page in the other, and the frame's words in Indonesian."""

from __future__ import annotations

import gettext
from typing import TYPE_CHECKING, Any, Final

import snowballstemmer
from docutils.utils.smartquotes import smartchars
from sphinx.domains.python._object import PyObject
from sphinx.locale import translators
from sphinx.search import SearchLanguage

from havn_site.pages import DOCS, LANGUAGES

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

WORDS: Final = {
    # furo's, which has no catalogue of its own
    "On this page": "Di halaman ini",
    "Next": "Berikutnya",
    "Previous": "Sebelumnya",
    "Home": "Beranda",
    "Skip to content": "Langsung ke isi",
    "Back to top": "Kembali ke atas",
    "Made with ": "Dibuat dengan ",
    # Sphinx's, where its Indonesian catalogue lacks a word or has one that misleads here
    "Search": "Cari",
    "Returns": "Mengembalikan",
    "Raises": "Melempar",
    "Yields": "Menghasilkan",
    "Parameters": "Parameter",
    "Keyword Arguments": "Argumen kata kunci",
    "Attributes": "Atribut",
    "Example": "Contoh",
    "Examples": "Contoh",
    "Note": "Catatan",
    "Bases: %s": "Turunan dari: %s",
    "Link to this heading": "Tautan ke judul ini",
    "Link to this definition": "Tautan ke definisi ini",
    "Index": "Indeks",
    "Please activate JavaScript to enable the search functionality.": "Aktifkan JavaScript untuk mencari.",
    "Error": "Error",
}

STOP_WORDS: Final = frozenset(
    """
    ada adalah agar akan anda antara apa apakah atau bagi bahwa banyak beberapa belum bila bisa bukan dalam dan
    dapat dari dengan di hanya harus hingga ia ini itu jadi jika juga kalau karena ke kepada lagi lain lalu maka
    masih mereka namun nya oleh pada para pun saat saja sampai sangat saya sebagai sebelum seluruh semua seperti
    serta setelah setiap sudah supaya tanpa telah tentang tersebut tetapi tiap untuk yaitu yang
    """.split()  # noqa: SIM905  a list of a hundred strings reads worse
)
"""Words of so many pages that none is found by them."""


class Words(gettext.NullTranslations):
    """The words above; whatever else is asked for, Sphinx's own catalogue answers."""

    def __init__(self, behind: gettext.NullTranslations) -> None:
        super().__init__()
        self.add_fallback(behind)

    def gettext(self, message: str) -> str:
        """The message in Indonesian."""
        return WORDS.get(message) or super().gettext(message)


class SearchIndonesian(SearchLanguage):
    """Indonesian for the search: Sphinx ships the stemmer for browsers, and leaves the class to us."""

    lang = "id"
    language_name = "Indonesian"
    js_stemmer_rawcode = "indonesian-stemmer.js"
    stopwords = STOP_WORDS

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self._stemmer = snowballstemmer.stemmer("indonesian")

    def stem(self, word: str) -> str:
        """The stem of a word, as the browser's stemmer makes it."""
        return str(self._stemmer.stemWord(word.lower()))


def _speak(app: Sphinx, config: Config) -> None:
    if config.language == "id":
        catalogue = ("general", "sphinx")
        app.translator = translators[catalogue] = Words(translators[catalogue])
        for field in PyObject.doc_field_types:  # their labels were read before this
            field.label = WORDS.get(field.label, field.label)
        smartchars.quotes["id"] = "\u201c\u201d\u2018\u2019"  # so that a dash is a dash, too


def counterpart(language: str, page: str) -> str:
    """The page of a language that stands for a page of another: the same one, or the index when it has none."""
    made = not (DOCS / "en" / f"{page}.md").exists()  # by Sphinx or by havn_site, in both languages
    return page if made or (DOCS / language / f"{page}.md").exists() else "index"


def _offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    del template, doctree
    root, suffix = context["content_root"], context["file_suffix"]
    context["languages"] = [
        {
            "code": code,
            "name": name,
            "current": code == app.config.language,
            "href": f"{root}../{code}/{counterpart(code, page)}{suffix}",
        }
        for code, name in LANGUAGES.items()
    ]


def setup(app: Sphinx) -> None:
    """Speak the language of the build, and offer the other one on each page."""
    app.add_search_language(SearchIndonesian)
    app.connect("config-inited", _speak)
    app.connect("html-page-context", _offer)
