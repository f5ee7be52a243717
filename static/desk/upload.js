// The file above a message: dropped, pasted or chosen; looked at before it travels; and the
// part of a picture that is shown. Without this file the page works, with a button more.
"use strict";

const zone = () => document.getElementById("upload-field");
const input = () => document.getElementById("id_upload");

function choose(files) {
  if (files.length > 1) {
    complain(zone().dataset.many);
    return;
  }
  input().files = files;
  input().dispatchEvent(new Event("change", { bubbles: true }));
}

function complain(sentence) {
  const problem = document.createElement("p");
  problem.className = "hint-problem";
  problem.textContent = sentence;
  document.getElementById("upload-problem").replaceChildren(problem);
  input().value = ""; // it must not travel with the message either
}

document.addEventListener("dragover", (event) => {
  if (!zone() || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault(); // beside the zone, too: the browser would leave the page for the file
  zone().classList.toggle("is-over", zone().contains(event.target));
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone()?.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  if (!zone() || !event.dataTransfer.files.length) return;
  event.preventDefault();
  zone().classList.remove("is-over");
  if (zone().contains(event.target)) choose(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (!zone() || !event.clipboardData.files.length) return;
  event.preventDefault();
  choose(event.clipboardData.files);
});

// Size, and the first bytes: what a file is called says nothing.
async function problemOf(file) {
  const { most, starts, tooLarge, wrong } = zone().dataset;
  if (file.size > Number(most)) return tooLarge;
  const first = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const hex = Array.from(first, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fits = starts.split(" ").some((start) => {
    const [offset, bytes] = start.split(":");
    return hex.startsWith(bytes, 2 * Number(offset));
  });
  return fits ? "" : wrong;
}

document.addEventListener("htmx:confirm", async (event) => {
  if (event.target !== input() || !input().files.length) return;
  event.preventDefault();
  const problem = await problemOf(input().files[0]);
  if (problem) complain(problem);
  else event.detail.issueRequest(true);
});

// How far the upload has come; htmx tells, and everything else waits for its answer.
document.addEventListener("htmx:xhr:progress", (event) => {
  if (event.target !== input() || !event.detail.lengthComputable) return;
  const bar = document.getElementById("upload-progress");
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// The part of a picture: the sliders tell where it is, the box draws it and can be dragged.
const slider = (name) => document.querySelector(`#part input[name="part-${name}"]`);

function geometry() {
  const picture = document.querySelector(".part-picture");
  const image = picture.querySelector("img");
  const shape = image.naturalWidth / image.naturalHeight / Number(picture.dataset.shape);
  const width = (Math.min(1, 1 / shape) * Number(slider("size").value)) / 100;
  return { picture, image, width, height: width * shape };
}

function draw() {
  const box = document.querySelector(".part-box");
  if (!box) return;
  const { image, width, height } = geometry();
  if (!image.naturalWidth) return;
  box.hidden = false;
  box.style.setProperty("width", `${100 * width}%`);
  box.style.setProperty("height", `${100 * height}%`);
  box.style.setProperty("left", `${(1 - width) * Number(slider("across").value)}%`);
  box.style.setProperty("top", `${(1 - height) * Number(slider("down").value)}%`);
}

function centreAt(event) {
  const { picture, width, height } = geometry();
  const seen = picture.getBoundingClientRect();
  const place = (at, from, length, part) =>
    part < 1 ? (100 * ((at - from) / length - part / 2)) / (1 - part) : 50;
  slider("across").value = place(event.clientX, seen.left, seen.width, width);
  slider("down").value = place(event.clientY, seen.top, seen.height, height);
  draw();
}

document.addEventListener("pointerdown", (event) => {
  const picture = event.target.closest?.(".part-picture");
  if (!picture) return;
  picture.setPointerCapture(event.pointerId);
  centreAt(event);
});
document.addEventListener("pointermove", (event) => {
  const picture = event.target.closest?.(".part-picture");
  if (picture?.hasPointerCapture(event.pointerId)) centreAt(event);
});
document.addEventListener(
  "input",
  (event) => {
    if (!event.target.closest("#part")) return;
    event.stopPropagation(); // no new preview for a slider
    draw();
  },
  true,
);
document.addEventListener("load", (event) => event.target.closest?.(".part-picture") && draw(), true);
document.addEventListener("htmx:afterSettle", draw);
draw();
