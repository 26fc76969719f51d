/** Building and changing DOM nodes. Text is always set as text: nothing here reads markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a 16 by 16 grid, drawn with the text's colour. */
const ICONS = {
  todo: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Z",
  doing: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  done: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM5.6 8.2l1.7 1.7 3.2-3.6",
  failed: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM6 6l4 4M10 6l-4 4",
  warning: "M8 2.3 14.2 13.5H1.8ZM8 6.5v3.4M8 11.2v.8",
  info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM8 7.2v3.6M8 5v.9",
  pencil: "M10.7 2.8l2.5 2.5-7.6 7.6-3.1.6.6-3.1ZM9 4.5 11.5 7",
  add: "M8 3v10M3 8h10",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  globe:
    "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM2.6 8h10.8M8 2.5c-3 3.2-3 7.8 0 11M8 2.5c3 3.2 3 7.8 0 11",
  right: "M6.2 4 10 8l-3.8 4",
  chevron: "M4 6.2 8 10l4-3.8",
  beaker: "M6 2.3h4M7 2.3v4.4L3.4 12.4a.8.8 0 0 0 .7 1.3h7.8a.8.8 0 0 0 .7-1.3L9 6.7V2.3M5.2 9.8h5.6",
  file: "M4 1.8h5l3.2 3.2v9.2H4ZM9 1.8V5h3.2",
} as const;
export type IconName = keyof typeof ICONS;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** An icon beside words that say the same; screen readers skip it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  path.setAttribute("d", ICONS[name]);
  return svg;
}

export function setIcon(svg: SVGSVGElement, name: IconName): void {
  const path = svg.querySelector("path");
  if (path !== null) setAttribute(path, "d", ICONS[name]);
}

export function button(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const node = element("button", { type: "button", class: className }, label);
  node.addEventListener("click", () => {
    // `aria-disabled` instead of `disabled`: a disabled element drops the keyboard focus it holds.
    if (node.getAttribute("aria-disabled") !== "true") onClick();
  });
  return node;
}

/** Snapshots arrive ten times a second; a node whose text is unchanged is not touched. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** `null` removes the attribute. */
export function setAttribute(node: Element, name: string, value: string | null): void {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function setHidden(node: HTMLElement, hidden: boolean): void {
  if (node.hidden !== hidden) node.hidden = hidden;
}
