/**
 * Makes a long list one stop of the Tab key: the arrow keys, Home and End go from one to the next.
 *
 * @param {HTMLElement} list
 * @param {string} selector - what takes the focus, once in each item
 */
export function moveByKeys(list, selector) {
  /** @returns {HTMLElement[]} */
  const all = () => [...list.querySelectorAll(/** @type {"summary"} */ (selector))];

  /** @param {HTMLElement | undefined} next */
  function choose(next) {
    for (const each of all()) each.tabIndex = each === next ? 0 : -1;
  }

  list.addEventListener("focusin", ({ target }) => {
    const chosen = target instanceof Element ? target.closest(selector) : null;
    if (chosen instanceof HTMLElement) choose(chosen);
  });
  list.addEventListener("keydown", (event) => {
    const stops = all();
    const at = stops.indexOf(/** @type {HTMLElement} */ (event.target));
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 };
    const to = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    stops[to]?.focus();
  });

  return {
    /** Once items came or went: one of them is where Tab leads. */
    refresh() {
      const stops = all();
      const current = stops.find((each) => each === document.activeElement);
      choose(current ?? stops[0]);
    },
  };
}
