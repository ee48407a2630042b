/**
 * Keeps the children of a list in step with what it shows. Those that stay are not moved, so that one that has the focus
 * keeps it.
 *
 * @template {{ readonly id: string | number }} Item
 * @param {HTMLElement} list
 * @param {(item: Item) => { readonly node: HTMLElement, show(item: Item): void }} make
 * @returns {(items: readonly Item[]) => void}
 */
export function keyedList(list, make) {
  /** @type {Map<Item["id"], ReturnType<typeof make>>} */
  const children = new Map();
  return (items) => {
    const ids = new Set(items.map(({ id }) => id));
    for (const [id, { node }] of children) {
      if (ids.has(id)) continue;
      node.remove();
      children.delete(id);
    }
    let place = list.firstElementChild;
    for (const item of items) {
      const child = children.get(item.id) ?? make(item);
      children.set(item.id, child);
      child.show(item);
      if (child.node === place) place = place.nextElementSibling;
      else list.insertBefore(child.node, place);
    }
  };
}
