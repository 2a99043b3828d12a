// Small helpers for the page. Text is always set as text, never as HTML.

export const find = (id) => document.getElementById(id);

/** Create an element with a class, text and children. */
export function element(tag, className = '', text = '', ...children) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  if (text) created.textContent = text;
  created.append(...children);
  return created;
}

/** Set a text only if it is another one: screen readers announce changes, and selections survive. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Make the children of a parent match a list, and keep the elements that are there already: the
 * focus and open details survive.
 */
export function match(parent, items, create, update) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  items.forEach((item, index) => {
    if (!parent.children[index]) parent.append(create(item));
    update(parent.children[index], item, index);
  });
}

export const json = (value) => (value === null || value === undefined ? '–' : JSON.stringify(value, null, 2));

/** A duration in the largest unit that fits: 5 s, 30 min, 72 h. */
export function duration(seconds) {
  if (seconds >= 2 * 3600) return `${round(seconds / 3600)} h`;
  if (seconds >= 120) return `${round(seconds / 60)} min`;
  return `${round(seconds)} s`;
}

const round = (value) => Number(value.toFixed(value < 10 ? 1 : 0));
