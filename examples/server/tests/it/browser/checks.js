// What every state of the page must keep for people who see little, or hear it. Gives what is wrong.

const wrong = [];
const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const shown = (css) => [...document.querySelectorAll(css)].filter(seen);
const name = (element) => element.id || element.className || element.tagName;

if (!document.documentElement.lang) wrong.push("the page has no language");
if (!document.title) wrong.push("the page has no title");
if (shown("h1").length !== 1) wrong.push(`${shown("h1").length} headings of the first level`);
if (shown("main").length !== 1) wrong.push(`${shown("main").length} main landmarks`);
for (const heading of shown("h1, h2")) {
  if (!heading.textContent.trim()) wrong.push(`an empty heading: ${name(heading)}`);
}
for (const field of shown("input, textarea")) {
  if (![...field.labels].some((label) => label.textContent.trim())) wrong.push(`no label: ${name(field)}`);
  if (parseFloat(getComputedStyle(field).fontSize) < 16) wrong.push(`phones zoom into ${name(field)}`);
}
for (const target of shown("button, #conversations a")) {
  const { width, height } = target.getBoundingClientRect();
  if (width < 24 || height < 24) wrong.push(`too small to be hit: ${name(target)} ${width}x${height}`);
}
const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`);
for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for", "popovertarget"]) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    const target = element.getAttribute(attribute);
    if (!document.getElementById(target)) wrong.push(`${attribute} of ${name(element)} names nothing`);
  }
}
for (const element of document.querySelectorAll("[tabindex]")) {
  if (element.tabIndex > 0) wrong.push(`its own order of focus: ${name(element)}`);
}

// Contrast, https://www.w3.org/TR/WCAG22/#contrast-minimum
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => {
  const [lr, lg, lb] = [r, g, b].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return rgba("white");
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !seen(element) || element.closest(":disabled, .unseen, noscript, [inert]")) continue;
  const [one, other] = [rgba(getComputedStyle(element).color), behind(element)].map(luminance);
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${name(element)} “${walker.currentNode.data.trim()}”`);
}

// Nothing is wider than the screen.
for (const element of [document.documentElement, ...shown("#thread, #list-scroll")]) {
  if (element.scrollWidth > element.clientWidth) wrong.push(`wider than the screen: ${name(element)}`);
}
return wrong;
