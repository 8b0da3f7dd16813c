// Shows − and + beside a number input and keeps them within its limits.
function connect(stepper) {
  if (stepper.classList.contains("stepper-live")) return;
  const input = stepper.querySelector("input");
  const buttons = [...stepper.querySelectorAll("[data-step]")];
  const refresh = () => {
    const value = Number(input.value) || 0;
    buttons.forEach((button) => {
      const next = value + Number(button.dataset.step);
      button.disabled = input.disabled || next < Number(input.min) || next > Number(input.max);
    });
  };
  buttons.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      input.value = (Number(input.value) || 0) + Number(button.dataset.step);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      if (button.disabled) input.focus();
    });
  });
  input.addEventListener("input", refresh);
  stepper.classList.add("stepper-live");
  refresh();
}

export function startSteppers(root) {
  root.querySelectorAll("[data-stepper]").forEach(connect);
}
