// Light or dark at once, without loading the page again; the cookie tells the server next time.
function choose(form, value) {
  document.documentElement.dataset.colorScheme = value;
  document.cookie = `scheme=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === value)));
}

export function startSchemes() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-scheme]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    choose(form, event.submitter.value);
  });
}
