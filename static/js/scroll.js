// A table too wide for its place becomes a named region that can be reached and scrolled with the keyboard.
export function startScrollRegions(root) {
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
