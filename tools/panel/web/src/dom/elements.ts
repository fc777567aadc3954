/** The element with this id; the page's markup has it. */
export function byId<T extends Element = HTMLElement>(id: string): T {
    const element = document.getElementById(id);
    if (!element) throw new Error(`The page has no element "${id}".`);
    return element as unknown as T;
}

/** Writes only changes: otherwise live regions would be read out again, and styles computed again. */
export function setText(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setPressed(button: Element, pressed: boolean): void {
    setAttribute(button, "aria-pressed", String(pressed));
}

/** An element with a class and text. */
export function make<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    className = "",
    text = "",
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
}
