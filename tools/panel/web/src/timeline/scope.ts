import { layout, type Shape } from "./picture";

const svgNamespace = "http://www.w3.org/2000/svg";

/** A frame that is not laid out has no width. */
const narrowest = 160;

/** Draws shapes into an SVG of the page. */
export class Scope {
    private readonly svg = document.createElementNS(svgNamespace, "svg");

    constructor(frame: HTMLElement) {
        this.svg.setAttribute("aria-hidden", "true");
        this.svg.setAttribute("focusable", "false");
        this.svg.setAttribute("height", String(layout.height));
        frame.append(this.svg);
    }

    /** The width that the picture has on the page: what is drawn is neither stretched nor shrunk. */
    get width(): number {
        return Math.max(narrowest, this.svg.getBoundingClientRect().width);
    }

    draw(shapes: readonly Shape[]): void {
        this.svg.setAttribute("viewBox", `0 0 ${this.width} ${layout.height}`);
        this.svg.replaceChildren(...shapes.map(element));
    }
}

function element(shape: Shape): SVGElement {
    const result = document.createElementNS(svgNamespace, shape.tag);
    for (const [name, value] of Object.entries(shape.attributes)) result.setAttribute(name, String(value));
    if (shape.text) result.textContent = shape.text;
    if (shape.title) {
        const title = document.createElementNS(svgNamespace, "title");
        title.textContent = shape.title;
        result.append(title);
    }
    return result;
}
