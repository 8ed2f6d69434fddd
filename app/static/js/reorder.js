// Ranked wishes: the up and down buttons answer at once, a grip allows dragging by mouse and by touch.
// The new order is posted by itself; if that fails the former order comes back with a sentence.

const GRIP =
  '<svg class="picto" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01" stroke-width="3"/></svg>';

export function start(form) {
  if (form.dataset.started) return;
  form.dataset.started = "yes";
  const list = form.querySelector(".wishes");
  const status = form.querySelector("[data-reorder-status]");
  const items = () => [...list.querySelectorAll(".wish")];
  const order = () => items().map((item) => item.dataset.id);
  let saved = order();
  let queue = Promise.resolve();

  const renumber = () => {
    items().forEach((item, index, all) => {
      item.querySelector("[data-rank]").textContent = String(index + 1);
      item.querySelector('[value^="up:"]').disabled = index === 0;
      item.querySelector('[value^="down:"]').disabled = index === all.length - 1;
    });
  };

  const restore = (ids) => {
    const byId = new Map(items().map((item) => [item.dataset.id, item]));
    list.append(...ids.map((id) => byId.get(id)));
    renumber();
  };

  const say = (words, failed = false) => {
    status.textContent = words;
    status.classList.toggle("visually-hidden", !failed);
    status.classList.toggle("wishes__failed", failed);
  };

  const post = async (ids) => {
    const body = new FormData(form);
    body.set("order", ids.join(","));
    const answer = await fetch(form.getAttribute("action") || location.href, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
    });
    if (!answer.ok) throw new Error(`order refused: ${answer.status}`);
  };

  const save = (moved) => {
    const ids = order();
    if (ids.join() === saved.join()) return;
    const words = form.dataset.moved
      .replace("%title", moved.dataset.title)
      .replace("%rank", ids.indexOf(moved.dataset.id) + 1)
      .replace("%total", ids.length);
    queue = queue.then(async () => {
      try {
        await post(ids);
        saved = ids;
        say(words);
      } catch {
        restore(saved);
        say(form.dataset.failed, true);
      }
    });
  };

  const move = (item, up) => {
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    // The neighbour moves, not the item: a moved node would lose focus and the pointer's capture.
    if (up) item.after(other);
    else item.before(other);
    renumber();
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name !== "move") return;
    event.preventDefault();
    const item = button.closest(".wish");
    move(item, button.value.startsWith("up:"));
    if (button.disabled) item.querySelector('[name="move"]:not(:disabled)')?.focus();
    else button.focus();
    save(item);
  });

  for (const item of items()) addGrip(item);
  renumber();

  function addGrip(item) {
    const grip = document.createElement("span");
    grip.className = "wish__grip";
    grip.setAttribute("aria-hidden", "true");
    grip.innerHTML = GRIP;
    item.querySelector(".wish__moves").prepend(grip);
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      drag(item, grip, event.clientY);
    });
  }

  function drag(item, grip, startY) {
    let origin = startY;
    item.classList.add("wish--lifted");

    const follow = (event) => {
      const shift = event.clientY - origin;
      const before = item.previousElementSibling;
      const after = item.nextElementSibling;
      const top = item.offsetTop;
      if (before && shift < -before.offsetHeight / 2) move(item, true);
      else if (after && shift > after.offsetHeight / 2) move(item, false);
      origin += item.offsetTop - top;
      item.style.transform = `translateY(${event.clientY - origin}px)`;
    };
    const stop = () => {
      grip.removeEventListener("pointermove", follow);
      grip.removeEventListener("pointerup", stop);
      grip.removeEventListener("pointercancel", stop);
      item.style.transform = "";
      item.classList.remove("wish--lifted");
      save(item);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", stop);
    grip.addEventListener("pointercancel", stop);
  }
}
