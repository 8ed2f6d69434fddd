// One-line helps: appearance, focus on errors, double clicks, print, passwords.

/** Calls `work` once for each matching element, however often a part of the page is started again. */
export function each(root, selector, key, work) {
  const own = root instanceof Element && root.matches(selector) ? [root] : [];
  for (const element of [...own, ...root.querySelectorAll(selector)]) {
    if (element.dataset[key]) continue;
    element.dataset[key] = "yes";
    work(element);
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.bsTheme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function startAppearance(root) {
  each(root, "[data-appearance]", "started", (button) => {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isDark()));
    button.addEventListener("click", () => {
      const choice = isDark() ? "light" : "dark";
      document.documentElement.dataset.bsTheme = choice;
      button.setAttribute("aria-pressed", String(choice === "dark"));
      try {
        localStorage.setItem("appearance", choice);
      } catch {
        // Not kept for the next page, and that is all.
      }
    });
  });
}

export function startFocus(root) {
  each(root, "[data-focus]", "started", (element) => element.focus({ preventScroll: false }));
}

/** A second click on the same button sends nothing. The server holds the same promise. */
export function startOnce(root) {
  each(root, "form[data-once]", "started", (form) => {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) return event.preventDefault();
      sent = true;
      event.submitter?.setAttribute("aria-busy", "true");
    });
    window.addEventListener("pageshow", () => {
      sent = false;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });
}

export function startPrint(root) {
  each(root, "[data-print]", "started", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}

export function startReveal(root) {
  each(root, "[data-reveal]", "started", (button) => {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    const show = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.textContent = shown ? show : button.dataset.hideLabel;
      button.setAttribute("aria-pressed", String(!shown));
    });
  });
}
