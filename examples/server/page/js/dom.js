// Elements: found by id, made from text. Nothing here, or anywhere, reads text as markup.

/** The element of index.html with this id. */
export const $ = (id) => document.getElementById(id);

/** A new element. Children are elements or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A new button that does `act` when it is pressed. */
export function button(text, act, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}

/** Sets text only where it differs: what is not touched is not announced again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
