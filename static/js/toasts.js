// A receipt stays until it is closed or the next page comes.
export function startToasts(root) {
  root.querySelectorAll("[data-dismiss]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => button.closest(".toast").remove());
  });
}
