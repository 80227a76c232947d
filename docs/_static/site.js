// Remembers the language that a reader chooses, for the page that picks one.
"use strict";

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
