// When a request in the background fails, say so instead of doing nothing.
export function startFailureNotes() {
  const note = () => {
    const toast = document.createElement("div");
    toast.className = "toast toast-error";
    toast.append(Object.assign(document.createElement("p"), { textContent: document.body.dataset.failed }));
    document.getElementById("toasts")?.replaceChildren(toast);
  };
  document.addEventListener("htmx:responseError", note);
  document.addEventListener("htmx:sendError", note);
}
