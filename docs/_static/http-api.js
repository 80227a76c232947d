// Shows the contract that stands in the page.
"use strict";

const system = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

Redoc.init(
  JSON.parse(document.getElementById("contract").textContent),
  {
    scrollYOffset: 48,
    hideDownloadButton: true,
    expandResponses: "200,201",
    nativeScrollbars: true,
    theme: {
      colors: { primary: { main: "#0b6e4f" } },
      typography: { fontFamily: system, headings: { fontFamily: system } },
    },
  },
  document.getElementById("reference"),
);
