// Tables sort and pictures open. Without this script all of the page is there, in the order of the file.
"use strict";

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// Sorting: a click on a column's head, or Enter on it. Rows without a value stay last.
const noValue = "\u2013";
const toNumber = text => Number.parseFloat(text.replace(/\s/g, ""));

function sortRows(body, column, direction) {
  const rows = [...body.rows].map(row => ({row, text: row.cells[column].textContent.trim()}));
  const present = rows.filter(({text}) => text !== noValue);
  const numbers = present.every(({text}) => !Number.isNaN(toNumber(text)));
  const compare = numbers ? (a, b) => toNumber(a) - toNumber(b)
                          : (a, b) => a.localeCompare(b, undefined, {numeric: true});
  present.sort((a, b) => direction * compare(a.text, b.text));
  body.append(...present.map(({row}) => row), ...rows.filter(({text}) => text === noValue).map(({row}) => row));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = make("button", {type: "button", title: "Sort"}, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.ariaSort !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.ariaSort = ascending ? "ascending" : "descending";
      sortRows(table.tBodies[0], column, ascending ? 1 : -1);
    });
  });
}

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);

// Pictures: a click or Enter opens one large; the arrow keys go on to the others, Escape closes.
function makeViewer(pictures) {
  const large = make("img", {alt: ""});
  const text = make("p", {ariaLive: "polite"});
  let shown = 0;
  const show = index => {
    shown = (index + pictures.length) % pictures.length;
    large.src = pictures[shown].src;
    large.width = pictures[shown].naturalWidth;
    large.height = pictures[shown].naturalHeight;
    text.textContent = `${pictures[shown].alt} (${shown + 1} of ${pictures.length})`;
  };
  const button = (name, action, properties = {}) => {
    const made = make("button", {type: "button", ...properties}, name);
    made.addEventListener("click", action);
    return made;
  };
  const viewer = make("dialog", {className: "viewer", ariaLabel: "Picture"}, large, text,
    make("p", {className: "controls"}, button("Previous", () => show(shown - 1)),
      button("Next", () => show(shown + 1), {autofocus: true}), button("Close", () => viewer.close())));
  const targets = {ArrowLeft: () => shown - 1, ArrowRight: () => shown + 1, Home: () => 0, End: () => -1};
  viewer.addEventListener("keydown", event => {
    if (!(event.key in targets)) return;
    event.preventDefault();
    show(targets[event.key]());
  });
  viewer.addEventListener("close", () => pictures[shown].parentElement.focus());
  document.body.append(viewer);
  pictures.forEach((picture, index) => {
    const opener = make("button", {type: "button", title: "Show large"});
    picture.replaceWith(opener);
    opener.append(picture);
    opener.addEventListener("click", () => {
      show(index);
      viewer.showModal();
    });
  });
}

const pictures = [...document.querySelectorAll(".pictures img")];
if (pictures.length > 0) makeViewer(pictures);
