"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const picture = byId("picture");
const view = byId("view");
const cis = data.cis.map(([key, name, type, site, state, round, box, failed, causes, path]) => (
  { key, name, type: data.types[type], site, state, round, box, failed, causes, path,
    text: `${name}\n${key}`.toLowerCase() }));
const members = new Map();
cis.forEach((ci, number) => {
  if (data.states[ci.state] === "hidden") return;
  if (!members.has(ci.box)) members.set(ci.box, []);
  members.get(ci.box).push(number);
});
/* A CI is named by its number, −1 when hidden, or by the key of one that is not on the page. */
const known = (reference) => typeof reference === "number" && reference >= 0;
const boxes = new Map([...view.querySelectorAll(".box")].map((box) => [+box.dataset.box, box]));
const LISTED = 100;
const SMALLEST = 0.7;
const word = (text, fields = {}) =>
  (data.words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => fields[name]);

/* Pan and zoom */

const headings = view.querySelector(".headings");
const bounds = view.getBBox();
const eye = { x: 0, y: 0, k: 1 };
function look() {
  view.setAttribute("transform", `translate(${eye.x} ${eye.y}) scale(${eye.k})`);
  const above = Math.max(0, -eye.y / eye.k - bounds.y);
  headings.setAttribute("transform", `translate(0 ${above})`);
}
function zoom(factor, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
  const k = Math.min(4, Math.max(0.05, eye.k * factor));
  eye.x = x - (x - eye.x) * k / eye.k;
  eye.y = y - (y - eye.y) * k / eye.k;
  eye.k = k;
  look();
}
function pan(dx, dy) {
  eye.x += dx;
  eye.y += dy;
  look();
}
function fit(smallest = 0) {
  const wide = picture.clientWidth, tall = picture.clientHeight;
  const whole = Math.min((wide - 32) / bounds.width, (tall - 32) / bounds.height, 1.25);
  eye.k = Math.max(whole, smallest);
  eye.x = 16 - bounds.x * eye.k;
  eye.y = 16 - bounds.y * eye.k;
  if (bounds.width * eye.k < wide) eye.x += (wide - 32 - bounds.width * eye.k) / 2;
  look();
  if (bounds.height * eye.k > tall && boxes.has(0)) {
    const first = boxes.get(0).getBoundingClientRect();
    const frame = picture.getBoundingClientRect();
    const below = (bounds.height + bounds.y) * eye.k;
    pan(0, Math.max(Math.min(0, frame.top + tall / 2 - first.bottom), tall - 16 - eye.y - below));
  }
}
function reveal(number) {
  const box = boxes.get(number).getBoundingClientRect();
  const frame = picture.getBoundingClientRect();
  const right = frame.right - (byId("why").hidden ? 0 : 370);
  if (box.left > frame.left && box.right < right
    && box.top > frame.top && box.bottom < frame.bottom) return;
  pan((frame.left + right) / 2 - (box.left + box.right) / 2,
    (frame.top + frame.bottom) / 2 - (box.top + box.bottom) / 2);
}

/* Lists of CIs, search, click-for-why */

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
function symbol(state) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", `box ${data.states[state]}`);
  svg.setAttribute("viewBox", "0 0 20 20");
  use.setAttribute("href", `#s-${data.states[state]}`);
  svg.append(use);
  return svg;
}
function entry(reference, state) {
  if (!known(reference)) {
    return element("p", reference === -1 ? word("not visible to you") : reference);
  }
  const ci = cis[reference];
  const button = element("button", "", "ci");
  const shown = state ?? ci.state;
  button.append(symbol(shown), element("bdi", ci.name), element("small", data.stateNames[shown]));
  button.title = `${ci.name}\n${ci.key}`;
  button.onclick = () => showCI(reference);
  return button;
}
function fill(parent, numbers, from = 0) {
  const upTo = Math.min(from + LISTED, numbers.length);
  parent.append(...numbers.slice(from, upTo).map((number) => entry(number)));
  if (upTo === numbers.length) return;
  const more = element("button", word("Showing {n} of {m}", { n: upTo, m: numbers.length }), "more");
  more.onclick = () => { more.remove(); fill(parent, numbers, upTo); };
  parent.append(more);
}
function open(title, ...parts) {
  const heading = element("h2");
  heading.append(element("bdi", title));
  byId("panel").replaceChildren(heading, ...parts);
  byId("why").hidden = false;
  byId("why").scrollTop = 0;
}
function close() {
  byId("why").hidden = true;
  trace([]);
}
function showCI(number) {
  const ci = cis[number];
  const table = element("dl");
  for (const [label, value] of [["State", data.stateNames[ci.state]], ["Type", ci.type],
    ["Site", ci.site], ["Key", ci.key], ["Round", ci.round]]) {
    if (value !== "") table.append(element("dt", word(label)), element("dd", value));
  }
  const parts = [table, element("h3", word("Why"))];
  if (ci.failed) parts.push(element("p", word("Given as failed.")));
  for (const [sentence, from] of ci.causes) {
    parts.push(element("p", sentence), ...from.map(([one, state]) => entry(one, state)));
  }
  if (ci.path.length > 1) {
    parts.push(element("h3", word("Path")), ...ci.path.map((one) => entry(one)));
  }
  open(ci.name, ...parts);
  trace([...route(ci), ci.box]);
  reveal(ci.box);
}
function route(ci) {
  return ci.path.filter(known).map((one) => cis[one].box);
}
function showBox(number) {
  const inside = members.get(number) ?? [];
  if (inside.length === 1) return showCI(inside[0]);
  const list = element("div", "", "list");
  fill(list, inside);
  const box = boxes.get(number);
  const hidden = box.classList.contains("hidden");
  const note = hidden ? word("not visible to you") : data.note;
  open(box.querySelector(".name").textContent, list, element("p", note));
  trace([...(inside.length ? route(cis[inside[0]]) : []), number]);
}
function trace(path) {
  view.querySelectorAll(".extra").forEach((one) => one.remove());
  view.querySelectorAll(".lit, .chosen").forEach((one) => one.classList.remove("lit", "chosen"));
  picture.classList.toggle("traced", path.length > 0);
  path.forEach((number, i) => {
    boxes.get(number).classList.add("lit");
    if (i > 0 && path[i - 1] !== number) linkBetween(path[i - 1], number).classList.add("lit");
  });
  if (path.length) boxes.get(path.at(-1)).classList.add("chosen");
}
function linkBetween(source, target) {
  const drawn = view.querySelector(`.link[data-from="${source}"][data-to="${target}"]`);
  if (drawn) return drawn;
  const [from, to] = [source, target].map((number) => boxes.get(number));
  const [a, b] = [from, to].map((box) => box.transform.baseVal[0].matrix);
  const { width, height } = from.querySelector(".frame").getBBox();
  const [x, y, x1, y1] = [a.e + width, a.f + height / 2, b.e, b.f + height / 2];
  const link = document.createElementNS("http://www.w3.org/2000/svg", "path");
  link.setAttribute("class", "link extra");
  link.setAttribute("d", `M${x} ${y}C${(x + x1) / 2} ${y} ${(x + x1) / 2} ${y1} ${x1} ${y1}`);
  from.parentNode.insertBefore(link, boxes.get(0));
  return link;
}
function search() {
  const wanted = byId("search").value.trim().toLowerCase();
  const found = wanted ? [...cis.keys()].filter((i) => cis[i].text.includes(wanted)) : [];
  const hit = new Set(found.map((number) => cis[number].box));
  boxes.forEach((box, number) => box.classList.toggle("hit", hit.has(number)));
  const list = byId("results");
  list.hidden = !wanted;
  list.replaceChildren();
  if (found.length) fill(list, found);
  else list.append(element("p", word("Nothing found")));
  return found;
}

/* What people do */

let drag = null;
picture.addEventListener("pointerdown", (event) => {
  drag = { x: event.clientX, y: event.clientY, moved: false };
});
picture.addEventListener("pointermove", (event) => {
  if (!drag || !event.buttons) return;
  const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
  if (!drag.moved && Math.hypot(dx, dy) < 5) return;
  if (!drag.moved) picture.setPointerCapture(event.pointerId);
  picture.classList.add("dragging");
  drag = { x: event.clientX, y: event.clientY, moved: true };
  pan(dx, dy);
});
picture.addEventListener("pointerup", () => picture.classList.remove("dragging"));
picture.addEventListener("click", (event) => {
  if (drag?.moved) return;
  const box = event.target.closest(".box");
  if (box) showBox(+box.dataset.box);
  else close();
});
picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = picture.getBoundingClientRect();
  const step = event.deltaMode ? event.deltaY * 20 : event.deltaY;
  zoom(Math.exp(-step / 500), event.clientX - frame.left, event.clientY - frame.top);
}, { passive: false });
picture.addEventListener("focusin", (event) => {
  const box = event.target.closest(".box");
  if (box?.matches(":focus-visible")) reveal(+box.dataset.box);
});
byId("zoom-in").onclick = () => zoom(1.3);
byId("zoom-out").onclick = () => zoom(1 / 1.3);
byId("fit").onclick = () => fit();
byId("close").onclick = close;
byId("search").oninput = search;
byId("search").onfocus = search;
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".finder")) byId("results").hidden = true;
});
const KEYS = {
  "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), "0": () => fit(),
  "/": () => byId("search").focus(),
  ArrowLeft: () => pan(80, 0), ArrowRight: () => pan(-80, 0),
  ArrowUp: () => pan(0, 80), ArrowDown: () => pan(0, -80),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.id === "search";
  const box = event.target.closest?.("#picture .box");
  if (event.key === "Escape") {
    byId("results").hidden = true;
    close();
  } else if (typing && event.key === "Enter") {
    const [first] = search();
    byId("results").hidden = true;
    if (first !== undefined) showCI(first);
  } else if (box && (event.key === "Enter" || event.key === " ")) {
    showBox(+box.dataset.box);
  } else if (!typing && KEYS[event.key]) {
    KEYS[event.key]();
  } else return;
  event.preventDefault();
});
byId("hint").textContent ||= [word("Click a box to see why it is impacted."),
  word("Drag to move, wheel or + and − to zoom, 0 to show everything, / to search.")].join(" ");
fit(SMALLEST);
