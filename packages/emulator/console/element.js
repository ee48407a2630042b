/** What a clientId or a path could hide behind, or turn the text around it with (Unicode's bidi controls). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text with its unseen characters told by their numbers.
 *
 * @param {string} text
 */
export function visible(text) {
  return text.replace(UNSEEN, (unseen) => {
    const number = /** @type {number} */ (unseen.codePointAt(0)).toString(16).toUpperCase();
    return `‹U+${number.padStart(4, "0")}›`;
  });
}

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
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, visible(value));
  made.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
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

/** @type {WeakMap<HTMLElement, string>} */
const filled = new WeakMap();

/**
 * Fills a list anew, but only where what it shows has changed: focus and selection stay otherwise.
 *
 * @param {HTMLElement} list
 * @param {unknown} shown - all that the children are made of
 * @param {() => readonly Node[]} make
 */
export function fill(list, shown, make) {
  const key = JSON.stringify(shown);
  if (filled.get(list) === key) return;
  filled.set(list, key);
  list.replaceChildren(...make());
}
