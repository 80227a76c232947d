// Remembers the language that a reader chooses, for the page that picks one.
"use strict";

// Sphinx's own Indonesian runs two words together here.
document.addEventListener("DOMContentLoaded", () => {
  if (document.documentElement.lang === "id" && typeof Documentation !== "undefined") {
    Documentation.addTranslations({
      locale: "id",
      messages: { ", in ": ", di ", Searching: "Mencari", "Preparing search...": "Menyiapkan pencarian..." },
      plural_expr: "0",
    });
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".languages a[hreflang]");
  if (link) {
    try {
      localStorage.setItem("havn-language", link.hreflang);
    } catch {
      // storage is off: the next visit asks the browser
    }
  }
});
