// Starts each small module where the page asks for it by a data- attribute.
// Every page works without any of them.
import { startAppearance, startFocus, startOnce, startPrint, startReveal } from "./basics.js";
import { startCharcount } from "./charcount.js";
import { startChoices } from "./choices.js";

const LATER = [
  ["[data-schedule]", () => import("./schedule.js")],
  ["[data-reorder]", () => import("./reorder.js")],
  ["[data-suggest]", () => import("./suggest.js")],
];

function start(root) {
  startAppearance(root);
  startFocus(root);
  startOnce(root);
  startPrint(root);
  startReveal(root);
  startCharcount(root);
  startChoices(root);
  for (const [selector, load] of LATER) {
    const elements = root.querySelectorAll(selector);
    if (elements.length) load().then((module) => elements.forEach(module.start));
  }
}

start(document);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target instanceof Element) start(event.target);
});
