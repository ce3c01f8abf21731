// Gives the search box of the page its suggestions.

// The version in the address of this script is that of all.
const { Combobox, suggestionsOf } = await import(`./combobox.js${new URL(import.meta.url).search}`);

const input = document.querySelector("#q");
const base = new URL(document.body.dataset.base, location.href).href;

function go(suggestion) {
  const url = suggestion.url && new URL(suggestion.url, base);
  if (url && url.origin === location.origin) location.assign(url.href);
  else {
    input.value = suggestion.text;
    input.form.requestSubmit();
  }
}

new Combobox(input, suggestionsOf(base), go);
