/** Elements, made in one line. Text is always text: nothing that a customer is called becomes markup. */
type Properties = Readonly<Record<string, string | ((event: Event) => void)>>;

export function element(
  root: HTMLElement,
  name: string,
  properties: Properties = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = root.ownerDocument.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "string") made.setAttribute(key, value);
    else made.addEventListener(key, value);
  }
  made.append(...children);
  return made;
}
