// After a move in the ranking: focus follows the row, and its new place is said aloud.
import { announce } from "./announce.js";

let pressed = null;

function follow() {
  const row = pressed && document.getElementById(`rank-${pressed.value}`);
  if (row) {
    const same = document.getElementById(`rank-${pressed.name}-${pressed.value}`);
    const target = same && !same.disabled ? same : row.querySelector(".rank-moves button:not(:disabled)");
    target?.focus();
    announce(row.dataset.announce);
  }
  pressed = null;
}

export function startRankings() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ranking] button[name]");
    if (button) pressed = { name: button.name, value: button.value };
  }, true);
  document.addEventListener("htmx:afterSettle", follow);
}
