// The box with suggestions: the combobox pattern of the ARIA Authoring Practices Guide, with manual selection.

const WAIT = 120; // milliseconds after the last key
const HEADINGS = { word: "Слова", person: "Люди", tag: "Темы", headline: "Заголовки" };

// Attributes, not properties: of role and aria, Firefox has the properties from 119 on.
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const element = (name, attributes) => set(document.createElement(name), attributes);

export class Combobox {
  // `ask` gives suggestions for a text, `go` follows one.
  constructor(input, ask, go) {
    Object.assign(this, { input, ask, go, options: [], at: -1, asked: 0 });
    this.list = element("ul", { id: "suggestions", role: "listbox", hidden: "", "aria-label": "Подсказки" });
    this.status = element("p", { class: "hidden", role: "status" });
    input.after(this.list, this.status);
    const aria = { "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    set(input, { role: "combobox", autocomplete: "off", ...aria });
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.follow(this.options.indexOf(option.suggestion));
    });
    if (input.matches(":focus") && input.value !== input.defaultValue) this.typed(); // while the script was loading
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const text = this.input.value.trim();
      const number = ++this.asked;
      const found = text ? await this.ask(text).catch(() => []) : [];
      if (number === this.asked && text === this.input.value.trim()) this.show(found, text);
    }, WAIT);
  }

  show(suggestions, text) {
    const kinds = Object.keys(HEADINGS);
    const groups = kinds.map((kind) => suggestions.filter((suggestion) => suggestion.kind === kind));
    this.options = groups.flat();
    this.list.replaceChildren(...groups.filter((group) => group.length).map((group) => this.group(group)));
    const count = this.options.length;
    this.open(count > 0);
    if (text) this.status.textContent = count ? `Подсказок: ${count}` : "Подсказок нет";
  }

  // The suggestions of one kind under their heading, which assistive technology hears as the name of the group.
  group(suggestions) {
    const name = HEADINGS[suggestions[0].kind];
    const group = element("ul", { role: "group", "aria-label": name });
    const heading = element("li", { role: "presentation", "aria-hidden": "true" });
    heading.textContent = name;
    group.append(heading, ...suggestions.map((suggestion) => this.option(suggestion)));
    return group;
  }

  option(suggestion) {
    const id = `suggestion-${this.options.indexOf(suggestion)}`;
    const option = element("li", { id, role: "option", "aria-selected": "false", class: suggestion.kind, dir: "auto" });
    option.suggestion = suggestion;
    option.textContent = suggestion.name ?? suggestion.text;
    return option;
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.choose(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.open(false);
  }

  choose(at) {
    this.at = at;
    const options = this.list.querySelectorAll("[role=option]");
    options.forEach((option, other) => option.setAttribute("aria-selected", String(other === at)));
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", `suggestion-${at}`);
      options[at].scrollIntoView({ block: "nearest" });
    }
  }

  follow(at) {
    const suggestion = this.options[at];
    this.close();
    this.go(suggestion);
  }

  pressed(event) {
    const { key } = event;
    const count = this.options.length;
    const isOpen = !this.list.hidden;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (key === "ArrowDown" && !isOpen && count) this.open(true);
    if ((key === "ArrowDown" || key === "ArrowUp") && count) {
      const step = key === "ArrowDown" ? 1 : -1;
      // Above the first and below the last stands the box itself.
      this.choose(((this.at + 1 + step + count + 1) % (count + 1)) - 1);
      event.preventDefault();
    } else if (key === "Escape" && isOpen) {
      this.close();
      event.preventDefault();
    } else if (key === "Enter" && isOpen && this.at >= 0) {
      this.follow(this.at);
      event.preventDefault();
    } else if (key === "Home" || key === "End" || key === "ArrowLeft" || key === "ArrowRight") {
      this.choose(-1); // they move in the text, as the pattern wants
    }
  }
}

// Asks the service at `base` (it ends in a slash).
export function suggestionsOf(base) {
  return async (text) => {
    const answer = await fetch(`${base}api/suggest?limit=8&q=${encodeURIComponent(text)}`);
    return answer.ok ? (await answer.json()).suggestions : [];
  };
}
