import type { Span } from "./recording";

/**
 * The line of an oscilloscope, from `left` to `right`, as the path of an SVG: `high` while on, `low` while off. `x`
 * returns the position of a moment. Spans that lie closer together than half a pixel are drawn as one, so that a path
 * never has more points than there are pixels.
 */
export function tracePath(
    spans: readonly Span[],
    x: (at: number) => number,
    left: number,
    right: number,
    low: number,
    high: number,
): string {
    let path = `M${left} ${low}`;
    let end = Number.NEGATIVE_INFINITY;
    let open = false;
    for (const span of spans) {
        const from = round(x(span.from));
        const until = round(Math.max(x(span.until), x(span.from) + 0.5));
        if (open && from - end < 0.5) {
            end = Math.max(end, until);
            continue;
        }
        if (open) path += `H${end}V${low}`;
        path += `H${from}V${high}`;
        end = until;
        open = true;
    }
    if (open) path += end >= right ? `H${right}` : `H${end}V${low}`;
    if (!open || end < right) path += `H${right}`;
    return path;
}

function round(value: number): number {
    return Math.round(value * 10) / 10;
}
