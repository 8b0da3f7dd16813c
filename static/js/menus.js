// Menus are <details>: close on Escape, on a click outside and when focus leaves; a field filters a long list.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

function filter(input) {
  const wanted = input.value.trim().toLocaleLowerCase();
  document.getElementById(input.dataset.filterList).querySelectorAll("li").forEach((item) => {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
  });
}

export function startMenus() {
  document.querySelectorAll("[data-filter-list]").forEach((input) => {
    input.hidden = false;
    input.addEventListener("input", () => filter(input));
  });
  document.addEventListener("click", (event) => {
    openMenus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("focusin", (event) => {
    openMenus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openMenus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
}
