/** An element, with attributes and what is in it. */
export function element(name, attributes = {}, ...inside) {
  const made = name === 'svg' || name === 'rect' ? svg(name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function svg(name) {
  return document.createElementNS('http://www.w3.org/2000/svg', name);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Says something in an element, and touches nothing where it says so already: focus and selections stay. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function show(node, isShown) {
  node.hidden = !isShown;
}

/**
 * Makes the children of an element those of a list, in its order. One that was there stays, so that it keeps its focus; `update`
 * is told of each.
 */
export function keep(parent, items, keyOf, make, update) {
  const before = new Map(
    [...parent.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]),
  );
  let place = [...parent.children].find((child) => child.dataset.key) ?? null;
  for (const item of items) {
    const key = keyOf(item);
    let child = before.get(key);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = key;
    }
    before.delete(key);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const child of before.values()) {
    if (child.contains(document.activeElement)) headingOf(parent)?.focus();
    child.remove();
  }
}

/** Where whoever works by keyboard goes on when what had the focus is gone: else that is the top of the page. */
function headingOf(inside) {
  const heading = inside.closest('section')?.querySelector('h2') ?? null;
  if (heading !== null) heading.tabIndex = -1;
  return heading;
}

/** The element of a name inside another. */
export function part(inside, name) {
  return inside.querySelector(`[data-part="${name}"]`);
}
