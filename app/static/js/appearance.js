// Runs before the first paint: the reader's own choice of light or dark, when there is one.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  let choice = null;
  try {
    choice = localStorage.getItem("appearance");
  } catch {
    // Storage may be refused; the system's wish then applies.
  }
  if (choice === "dark" || choice === "light") root.dataset.bsTheme = choice;
})();
