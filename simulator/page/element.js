// DOM nodes from words: what people typed only ever becomes text nodes.

export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function button(className, text, onClick) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}

// A link that leads to the web, or the bare words where it would lead anywhere else.
export function link(href, className, ...children) {
  if (!/^https?:\/\//i.test(href)) return element("span", className, ...children);
  const node = element("a", className, ...children);
  node.href = href;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}
