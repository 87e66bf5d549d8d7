// Small pieces of the page.
type Props = Record<string, string | ((event: never) => void)>;

/** An element with attributes, handlers (`onclick`) and children. */
export function element(name: string, props: Props, ...children: (Node | string)[]): HTMLElement {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === 'string') node.setAttribute(key, value);
    else node.addEventListener(key.slice(2), value as EventListener);
  }
  node.append(...children);
  return node;
}

/** Text with `code` in it. */
function prose(text: string): (Node | string)[] {
  return text.split('`').map((part, at) => (at % 2 ? element('code', {}, part) : part));
}

/** A signature, a value and what they are. */
export function card(signature: string | Node, value: string, doc: string): HTMLElement {
  const node = element('div', { class: 'rhai-card' });
  if (signature) node.append(element('pre', {}, signature));
  if (value) node.append(element('pre', {}, `= ${value}`));
  if (doc) node.append(element('p', {}, ...prose(doc)));
  return node;
}
