// A matrix too wide for its place opens at the weeks being booked, or at this week.
function showWeek(region) {
  const cell = region.querySelector(".cell-unsaved") ?? region.querySelector(".matrix-now");
  if (!cell || region.scrollWidth <= region.clientWidth) return;
  const names = region.querySelector(".matrix-name").offsetWidth;
  region.scrollLeft = cell.offsetLeft - names - cell.offsetWidth;
}

// A table too wide for its place becomes a named region that can be reached and scrolled with the keyboard.
export function startScrollRegions(root) {
  root.querySelectorAll(".matrix-scroll").forEach(showWeek);
  root.querySelectorAll(".table-wrap").forEach((wrap) => {
    if (wrap.scrollWidth <= wrap.clientWidth) return;
    const caption = wrap.querySelector("caption");
    wrap.tabIndex = 0;
    if (caption) {
      wrap.setAttribute("role", "region");
      wrap.setAttribute("aria-label", caption.textContent.trim());
    }
  });
}
