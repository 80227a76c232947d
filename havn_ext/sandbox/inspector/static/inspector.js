// What the inspector's pages do beyond their HTML: keys, copying, and keeping the live list short.
"use strict";

const MOST_ROWS = 500;

document.documentElement.classList.add("scripted");

// Keys: every element with `data-key` is reached by that key; j and k move through the rows.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return event.target.blur?.();
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "j" || event.key === "k") return move(event.key === "j" ? 1 : -1);
  const reached = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!reached) return;
  event.preventDefault();
  if (reached.matches("input")) { reached.focus(); reached.select(); }
  else reached.click();
});

function move(step) {
  const links = [...document.querySelectorAll(".row-link")];
  const place = links.indexOf(document.activeElement);
  const next = place < 0 ? links[0] : links[Math.min(Math.max(place + step, 0), links.length - 1)];
  next?.focus();
}

// Copying: `data-copy` is the selector of what to copy; without one it is the text of the same figure.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const selector = button.dataset.copy;
    const source = selector ? document.querySelector(selector) : button.closest("figure").querySelector("pre");
    await navigator.clipboard.writeText(source.textContent);
    say("Copied");
    flash(button, "Copied");
  });
}

function flash(button, text) {
  const usual = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = usual; }, 1500);
}

function say(text) {
  document.getElementById("said").textContent = text;
}

// The live list: say whether it is live, and let the oldest rows go.

const live = document.getElementById("live");

function showLive(connected) {
  live.hidden = false;
  live.classList.toggle("lost", !connected);
  live.textContent = connected ? "live" : "reconnecting";
}

document.addEventListener("htmx:sse:after:connection", () => showLive(true));
document.addEventListener("htmx:sse:error", () => showLive(false));
document.addEventListener("htmx:sse:after:message", () => {
  for (const row of [...document.querySelectorAll("#rows > tr")].slice(MOST_ROWS)) row.remove();
});
