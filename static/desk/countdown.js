// Counts down to what cannot be undone any more. Without this file the page names the time.
"use strict";

const AGAIN = 5; // seconds between two looks at whether it has left

for (const shown of document.querySelectorAll("[data-seconds]")) {
  const end = performance.now() + 1000 * Number(shown.dataset.seconds || 0);
  const show = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) {
      shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    } else if (-left >= AGAIN) {
      clearInterval(clock);
      location.reload();
    }
  };
  const clock = setInterval(show, 1000);
  if (end > performance.now()) show();
}
