// "Encore 42 signes", said aloud only when few remain.
import { each } from "./basics.js";

const NEAR = 20;

function sentence(left) {
  const s = Math.abs(left) > 1 ? "s" : "";
  return left >= 0 ? `Encore ${left} signe${s}.` : `${-left} signe${s} de trop.`;
}

export function startCharcount(root) {
  each(root, "[data-charcount]", "counted", (input) => {
    const shown = document.getElementById(`${input.id}-count`);
    if (!shown) return;
    const most = Number(input.dataset.charcount);
    const spoken = document.createElement("span");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    shown.after(spoken);
    let wait = 0;
    const update = () => {
      const left = most - [...input.value].length;
      shown.textContent = sentence(left);
      shown.toggleAttribute("data-over", left < 0);
      clearTimeout(wait);
      wait = setTimeout(() => {
        spoken.textContent = left <= NEAR ? sentence(left) : "";
      }, 800);
    };
    input.addEventListener("input", update);
    if (input.value) update();
  });
}
