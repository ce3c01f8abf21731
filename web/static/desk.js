// The подборка: articles collected from several searches. It is kept in this browser and sent nowhere.
// Buttons to collect with appear once the desk has been opened in this browser: readers never see them.

const KEY = "arkhiv.desk";
const FIELDS = ["id", "title", "page", "date", "author", "query", "note"];

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (!Array.isArray(kept?.items)) return null;
    const text = (value) => (typeof value === "string" ? value : "");
    const items = kept.items.map((item) => Object.fromEntries(FIELDS.map((name) => [name, text(item?.[name])])));
    return { title: text(kept.title), items: items.filter((item) => item.id) };
  } catch {
    return null;
  }
}

function save(desk) {
  localStorage.setItem(KEY, JSON.stringify(desk));
  count(desk);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function plural(number, one, few, many) {
  if (number % 10 === 1 && number % 100 !== 11) return one;
  return [2, 3, 4].includes(number % 10) && ![12, 13, 14].includes(number % 100) ? few : many;
}

// How many are collected, beside the way to the desk.
function count(desk) {
  const nav = document.querySelector(".sections");
  let link = nav.querySelector(".desk");
  if (!link) nav.append((link = element("a", { class: "desk", href: document.body.dataset.desk })));
  link.textContent = desk.items.length ? `Подборка (${desk.items.length})` : "Подборка";
}

function described(article) {
  const text = (selector) => article.querySelector(selector)?.textContent.trim() ?? "";
  return {
    id: article.dataset.id,
    title: text("h1, h2, h3"),
    page: article.dataset.page,
    date: article.querySelector("time")?.dataset.date ?? text("time"),
    author: [...article.querySelectorAll(".author a")].map((link) => link.textContent.trim()).join(", "),
    query: new URLSearchParams(location.search).get("q") ?? "",
    note: "",
  };
}

function collectable(article) {
  const button = element("button", { type: "button", class: "collect" });
  const isIn = () => (load()?.items ?? []).some((item) => item.id === article.dataset.id);
  const show = () => {
    button.textContent = isIn() ? "✓ В подборке" : "+ В подборку";
    button.classList.toggle("in", isIn());
    button.setAttribute("aria-label", `${isIn() ? "Убрать из подборки" : "В подборку"}: ${described(article).title}`);
  };
  button.addEventListener("click", () => {
    const desk = load() ?? { title: "", items: [] };
    const others = desk.items.filter((item) => item.id !== article.dataset.id);
    desk.items = isIn() ? others : [...others, described(article)];
    save(desk);
    show();
  });
  addEventListener("storage", show);
  article.querySelector(".facts").append(button);
  show();
}

// The page of the desk.

function address(item) {
  try {
    const url = new URL(item.page, location.origin);
    return url.origin === location.origin ? url.href : "";
  } catch {
    return "";
  }
}

// What a spreadsheet would take for a formula gets an apostrophe before it, as in `web/downloads.py`.
const FORMULA = /(?:^|[;,|]"*)(?=[=+\-@＝＋－＠])|[;,|][\s"]*(?=[=＝])|\s(?=[=＝]\S)/g;

function cell(text) {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return `"${line.replace(FORMULA, "$&'").replaceAll('"', '""')}"`;
}

function exported(desk) {
  const rows = [["№", "Заголовок", "Дата", "Автор", "Адрес", "Запрос", "Заметка"]];
  desk.items.forEach((item, at) =>
    rows.push([String(at + 1), item.title, item.date, item.author, address(item), item.query, item.note]),
  );
  return "\ufeff" + rows.map((row) => row.map(cell).join(";") + "\r\n").join("");
}

function atDesk(main) {
  let desk = load() ?? { title: "", items: [] };
  save(desk);
  const list = main.querySelector("#collected");
  const said = main.querySelector("#said");
  const title = main.querySelector("#desk-title");

  function change(items, message, focus) {
    desk.items = items;
    save(desk);
    show();
    said.textContent = message;
    (focus && list.querySelector(focus) ? list.querySelector(focus) : title).focus();
  }

  function moved(at, by) {
    const items = [...desk.items];
    [items[at], items[at + by]] = [items[at + by], items[at]];
    change(items, `«${items[at + by].title}»: место ${at + by + 1}`, `li:nth-child(${at + by + 1}) .${by < 0 ? "up" : "down"}`);
  }

  function shown(item, at) {
    const button = (name, sign, label, act) => {
      const made = element("button", { type: "button", class: name, "aria-label": `${label}: ${item.title}` }, sign);
      made.addEventListener("click", act);
      return made;
    };
    const up = button("up", "↑", "Выше", () => moved(at, -1));
    const down = button("down", "↓", "Ниже", () => moved(at, 1));
    up.disabled = at === 0;
    down.disabled = at === desk.items.length - 1;
    const remove = button("remove", "×", "Убрать", () =>
      change(desk.items.filter((_, other) => other !== at), `Статья «${item.title}» убрана`, `li:nth-child(${Math.min(at + 1, desk.items.length - 1)}) .remove`),
    );
    const note = element("textarea", { id: `note-${at}`, rows: "1", placeholder: "Заметка", "aria-label": `Заметка: ${item.title}` });
    note.value = item.note;
    const fit = () => (note.rows = Math.max(1, note.value.split("\n").length));
    note.addEventListener("input", () => {
      item.note = note.value;
      fit();
      save(desk);
    });
    fit();
    const facts = [item.date, item.author, item.query && `по запросу «${item.query}»`].filter(Boolean);
    const link = address(item);
    return element(
      "li",
      {},
      element("h2", { dir: "auto" }, link ? element("a", { href: link }, item.title || "Без заголовка") : item.title),
      element("p", { class: "facts" }, ...facts.map((fact) => element("span", {}, element("bdi", {}, fact)))),
      note,
      element("p", { class: "moves" }, up, down, remove),
    );
  }

  function show() {
    list.replaceChildren(...desk.items.map(shown));
    const number = desk.items.length;
    main.querySelector("#amount").textContent = number ? `${number} ${plural(number, "статья", "статьи", "статей")}` : "";
    main.querySelector("#empty").hidden = number > 0;
    for (const button of main.querySelectorAll(".actions button")) button.disabled = !number;
  }

  title.value = desk.title;
  title.addEventListener("input", () => {
    desk.title = title.value;
    save(desk);
  });
  main.querySelector("#csv").addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([exported(desk)], { type: "text/csv" }));
    element("a", { href: url, download: "podborka.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  main.querySelector("#print").addEventListener("click", () => print());
  main.querySelector("#clear").addEventListener("click", () => {
    if (confirm("Убрать из подборки все статьи?")) change([], "Подборка пуста");
  });
  addEventListener("storage", () => {
    desk = load() ?? desk;
    title.value = desk.title;
    show();
  });
  main.querySelector("#desk").hidden = false;
  show();
}

if (document.querySelector("#desk")) atDesk(document.querySelector("main"));
else if (load()) {
  count(load());
  document.querySelectorAll("article[data-id]").forEach(collectable);
  document.querySelectorAll("[data-editors]").forEach((link) => (link.hidden = false));
}
