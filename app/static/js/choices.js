// A group of boxes with a limit: the rest waits while the limit is reached, and a sentence says why.
import { each } from "./basics.js";

export function startChoices(root) {
  each(root, "[data-most]", "limited", (group) => {
    const most = Number(group.dataset.most);
    const status = group.querySelector("[data-most-status]");
    const boxes = [...group.querySelectorAll("input[type=checkbox]")];
    const update = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      const full = chosen >= most;
      for (const box of boxes) box.disabled = full && !box.checked;
      if (!status) return;
      status.hidden = false;
      const count = group.dataset.mostCount.replace("%n", chosen);
      status.textContent = full ? `${count} ${group.dataset.mostMessage}` : count;
    };
    group.addEventListener("change", update);
    update();
  });
}
