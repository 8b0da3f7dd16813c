// A link with data-dialog leads to a confirmation page; with script its question opens over this page instead.
async function open(link) {
  const answer = await fetch(link.href, { headers: { "X-Requested-With": "dialog" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const form = page.querySelector("form.confirm");
  if (!answer.ok || !form) return window.location.assign(link.href);
  form.action = answer.url;
  const dialog = document.createElement("dialog");
  dialog.className = "confirm-dialog";
  dialog.setAttribute("aria-label", form.querySelector(".confirm-question").textContent);
  dialog.append(document.adoptNode(form));
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest(".confirm-acts a")) return;
    event.preventDefault();
    dialog.close();
  });
  document.body.append(dialog);
  return dialog.showModal();
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link).catch(() => window.location.assign(link.href));
  });
}
