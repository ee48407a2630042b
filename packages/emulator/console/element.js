/**
 * Makes an element. Whatever is shown comes in as text: nothing here turns a string into markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string>>} attributes
 * @param {readonly (Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * The element with this id, which is in the page.
 *
 * @template {HTMLElement} [Type=HTMLElement]
 * @param {string} id
 * @returns {Type}
 */
export function byId(id) {
  return /** @type {Type} */ (document.getElementById(id));
}

/**
 * Fills a list anew, but only where what it shows has changed: focus and selection stay otherwise.
 *
 * @param {HTMLElement} list
 * @param {unknown} shown - all that the children are made of
 * @param {() => readonly Node[]} make
 */
export function fill(list, shown, make) {
  const key = JSON.stringify(shown);
  if (list.dataset["shown"] === key) return;
  list.dataset["shown"] = key;
  list.replaceChildren(...make());
}
