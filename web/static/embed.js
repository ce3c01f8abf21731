// <arkhiv-search>: the archive's search box on any page of the newspaper; <arkhiv-today>: what it wrote on this day.
//
//   <script type="module" src="https://archive.example/embed.js"></script>
//   <arkhiv-search></arkhiv-search>
//   <arkhiv-today limit="5" heading="В этот день"></arkhiv-today>

const base = new URL("./", import.meta.url).href.replace(/static\/$/, "");

const STYLE = `
  :host { display: block; }
  form { position: relative; display: flex; gap: .5rem; }
  .box { position: relative; flex: 1; min-width: 0; }
  input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem .7rem; border: 1px solid GrayText; border-radius: 3px; color: FieldText; background: Field; }
  input::placeholder { color: inherit; opacity: .75; }
  button { font: inherit; padding: .5rem 1rem; border: 1px solid GrayText; border-radius: 3px; color: ButtonText; background: ButtonFace; cursor: pointer; }
  ul { position: absolute; z-index: 10; inset: 100% 0 auto 0; margin: .2rem 0 0; padding: .25rem 0; list-style: none; color: FieldText; background: Field; border: 1px solid GrayText; border-radius: 3px; }
  ul ul { position: static; margin: 0; padding: 0; border: 0; }
  [role="presentation"] { padding: .3rem .7rem .1rem; opacity: .75; font-size: .8rem; }
  [role="option"] { padding: .35rem .7rem; cursor: pointer; }
  [role="option"][aria-selected="true"], [role="option"]:hover { color: HighlightText; background: Highlight; }
  [hidden] { display: none; }
  .hidden { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

const LIST = `
  :host { display: block; }
  h2 { margin: 0 0 .3em; font: inherit; font-weight: bold; }
  ul { margin: 0; padding: 0; list-style: none; }
`;

// The page may forbid inline styles, but not constructed ones, which Safari has from 16.4 on.
function styled(root, text) {
  try {
    const style = new CSSStyleSheet();
    style.replaceSync(text);
    root.adoptedStyleSheets = [style];
  } catch {
    const style = document.createElement("style");
    style.textContent = text;
    root.append(style);
  }
}

const BOX = `
  <form role="search" method="get"><div class="box"><label class="hidden" for="q">Поиск по архиву</label>
  <input id="q" name="q" type="text" maxlength="1000" inputmode="search" enterkeyhint="search" placeholder="Поиск по архиву"></div>
  <button>Найти</button></form>`;

class ArkhivSearch extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = BOX;
    styled(root, STYLE);
    const form = root.querySelector("form");
    form.action = base;
    this.suggest(root.querySelector("input"), form);
  }

  // A box without suggestions is a box still: where they cannot be had, nothing is said.
  async suggest(input, form) {
    const { Combobox, suggestionsOf } = await import(`${base}static/combobox.js`);
    new Combobox(input, suggestionsOf(base), (suggestion) => {
      if (suggestion.url) location.assign(new URL(suggestion.url, base).href);
      else {
        input.value = suggestion.text;
        form.submit(); // Safari has requestSubmit from 16 on
      }
    });
  }
}

customElements.define("arkhiv-search", ArkhivSearch);

// Without an answer there is nothing to show, and nothing is shown. Texts are put in as texts.
class ArkhivToday extends HTMLElement {
  async connectedCallback() {
    if (this.shadowRoot) return;
    const answer = await fetch(new URL("api/today", base)).catch(() => null);
    if (!answer?.ok) return;
    const { years } = await answer.json();
    const limit = Number.parseInt(this.getAttribute("limit"), 10);
    const list = document.createElement("ul");
    for (const { year, hits } of years.filter((each) => each.hits.length).slice(0, limit > 0 ? limit : 10)) {
      for (const hit of hits.slice(0, 1)) {
        const link = document.createElement("a");
        link.href = hit.url || new URL(`article/${encodeURIComponent(hit.id)}`, base).href;
        link.textContent = hit.title;
        const item = document.createElement("li");
        item.append(`${year} `, link);
        list.append(item);
      }
    }
    const root = this.attachShadow({ mode: "open" });
    styled(root, LIST);
    if (list.firstChild && this.getAttribute("heading")) {
      const heading = document.createElement("h2");
      heading.textContent = this.getAttribute("heading");
      root.append(heading);
    }
    root.append(list);
  }
}

customElements.define("arkhiv-today", ArkhivToday);
