// A form with data-warn-dirty asks before unsaved changes are left behind.
export function startDirtyWarnings() {
  const dirty = () => document.querySelector("form[data-warn-dirty][data-dirty=true]");
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-warn-dirty]");
    if (form) form.dataset.dirty = "true";
  });
  document.addEventListener("submit", (event) => { delete event.target.dataset.dirty; });
  window.addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });
}
