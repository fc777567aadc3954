import type { ServerTime } from "../protocol/messages";
import { layout, picture, type Paper, type Shape } from "./picture";
import type { Recording } from "./recording";
import { endOf, startOf, type View } from "./view";

const exportWidth = 1200;

/** The colours of the light theme, for a file without the page's styles. */
const style = `
text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#44525f}.lane,.words{font-weight:600;fill:#16202a}
.grid{stroke:#dde4ea}.axis{stroke:#8d9aa6}.trace{fill:none;stroke-width:1.5}
.trace.led{stroke:#c8321e}.fill.led{fill:#c8321e;fill-opacity:.18}
.trace.button{stroke:#2f6690}.fill.button{fill:#2f6690;fill-opacity:.18}
.event{fill:#6d4a8f}.meaning{fill:#dcebf3}.meaning.error_code{fill:#f6dcd8}.meaning.slow_blinking{fill:#f3e6c9}`;

/** The visible part as an SVG file. */
export function svgFile(recording: Recording, view: View, now: ServerTime, wallOffset: number): string {
    const paper: Paper = { width: exportWidth, wallOffset };
    const shapes = picture(recording, view, now, paper).map(shapeText).join("\n");
    const until = new Date(endOf(view, now) + wallOffset).toISOString();
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${exportWidth} ${layout.height}" width="${exportWidth}" height="${layout.height}">
<title>LED and button of a virtual MOX, until ${until}</title>
<style>${style}</style>
<rect width="${exportWidth}" height="${layout.height}" fill="#fff"/>
${shapes}
</svg>
`;
}

/** The visible part as data. Times are milliseconds since 1970. */
export function jsonFile(recording: Recording, view: View, now: ServerTime, wallOffset: number): string {
    const from = startOf(view, now);
    const until = endOf(view, now);
    const wall = (at: ServerTime) => Math.round((at + wallOffset) * 1000) / 1000;
    const seen = (at: ServerTime) => at >= from && at <= until;
    const edges = (lane: "led" | "button") => {
        const all = recording.edgesOf(lane);
        return {
            on_at_start: all.filter((edge) => edge.at < from).at(-1)?.on ?? false,
            edges: all.filter((edge) => seen(edge.at)).map((edge) => ({ on: edge.on, at: wall(edge.at) })),
        };
    };
    const content = {
        what: "LED and button of a virtual MOX",
        from: wall(from),
        until: wall(until),
        led: edges("led"),
        button: edges("button"),
        readings: recording
            .readings(now)
            .filter((reading) => reading.until >= from && reading.from <= until)
            .map((reading) => ({ ...reading, from: wall(reading.from), until: wall(reading.until) })),
        events: recording.events().filter((event) => seen(event.at)).map((event) => ({ ...event, at: wall(event.at) })),
    };
    return JSON.stringify(content, null, 2) + "\n";
}

function shapeText(shape: Shape): string {
    const attributes = Object.entries(shape.attributes)
        .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
        .join("");
    const title = shape.title ? `<title>${escaped(shape.title)}</title>` : "";
    return `<${shape.tag}${attributes}>${title}${escaped(shape.text ?? "")}</${shape.tag}>`;
}

function escaped(text: string): string {
    return text
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;");
}
