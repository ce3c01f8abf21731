// What a script adds to pages that work without it: keys in the charts, steps from match to match, no captions of lost
// pictures.

// One bar is a stop of the tab key; from it the arrows lead to the others.
for (const chart of document.querySelectorAll(".timeline svg")) {
  const bars = [...chart.querySelectorAll("a")];
  if (bars.length) bars[0].removeAttribute("tabindex");
  const reach = (at) => {
    bars.forEach((bar, other) => bar.setAttribute("tabindex", other === at ? "0" : "-1"));
    bars[at].focus();
  };
  chart.addEventListener("keydown", (event) => {
    const at = bars.indexOf(event.target.closest("a"));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    if (bars[to]) reach(to);
  });
}

// A menu closes at Escape, and where something else is clicked.
const menus = document.querySelectorAll("details.menu");
const close = (event) => menus.forEach((menu) => (menu.open &&= event.type === "click" && menu.contains(event.target)));
addEventListener("click", close);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.target.closest?.("details.menu")?.querySelector("summary").focus();
  close(event);
});

// «Совпадение 3 из 12», with a step back and forth.
const matches = document.querySelector("[data-matches]");
if (matches) {
  const total = Number(matches.dataset.matches);
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  let at = 0;
  const go = (to) => {
    at = ((to - 1 + total) % total) + 1;
    const mark = document.querySelector(`#match-${at}`);
    document.querySelectorAll("mark.current").forEach((other) => other.classList.remove("current"));
    mark.classList.add("current");
    mark.scrollIntoView({ block: "center" });
    status.textContent = `Совпадение ${at} из ${total}`;
  };
  const step = (sign, label, by) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.textContent = sign;
    button.addEventListener("click", () => go(at + by));
    return button;
  };
  matches.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    matches.replaceChildren(step("↑", "Предыдущее совпадение", -1), status, step("↓", "Следующее совпадение", 1));
    matches.classList.add("stepping");
    go(1);
    matches.querySelector("button:last-child").focus();
  });
}

for (const picture of document.querySelectorAll("figure img, .thumbnail img")) {
  const drop = () => picture.closest("figure, .thumbnail").remove();
  if (picture.complete && !picture.naturalWidth && picture.loading !== "lazy") drop();
  else picture.addEventListener("error", drop);
}
