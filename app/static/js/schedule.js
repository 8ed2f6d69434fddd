// Unticking « the same hours each day » starts each ticked day from the usual hours, so that only one needs a change.
const HALVES = ["morning_start", "morning_end", "afternoon_start", "afternoon_end"];

export function start(schedule) {
  if (schedule.dataset.started) return;
  schedule.dataset.started = "schedule";
  const same = schedule.querySelector("[data-schedule-same]");
  const name = same.name.replace(/same$/, "");
  const control = (row, half) => schedule.querySelector(`[name="${name}${row}-${half}"]`);
  same.addEventListener("change", () => {
    if (same.checked) return;
    for (const day of schedule.querySelectorAll(`[name="${name}days"]`)) {
      for (const half of HALVES) control(day.value, half).value = day.checked ? control("usual", half).value : "";
    }
  });
}
