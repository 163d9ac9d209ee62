/** The little that this page needs to make and change elements. Text is always text, never markup. */
export function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found as T;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Changes only what is different, so that a selection or a reader's place is not lost. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Brings the children of `parent` in line with `items`: each keeps its element, and with it the focus. What is gone goes first,
 * since an element that is moved loses it.
 */
export function keyed<T, E extends HTMLElement>(
  parent: HTMLElement, items: T[], keyOf: (item: T) => string, create: (item: T) => E, update: (made: E, item: T) => void): void {
  const wanted = new Set<string | undefined>(items.map(keyOf));
  const old = new Map<string | undefined, E>();
  for (const child of [...parent.children] as E[]) {
    const key = child.dataset['key'];
    if (!wanted.has(key) || old.has(key)) child.remove(); // two items of one key have no element that is theirs
    else old.set(key, child);
  }
  let before: Element | null = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = old.get(key);
    old.delete(key);
    if (!child) {
      child = create(item);
      child.dataset['key'] = key;
    }
    update(child, item);
    if (child === before) before = child.nextElementSibling;
    else parent.insertBefore(child, before);
  }
}
