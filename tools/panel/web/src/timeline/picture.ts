import type { Reading, ServerTime } from "../protocol/messages";
import type { Recording } from "./recording";
import { ticks } from "./scale";
import { tracePath } from "./trace";
import { endOf, startOf, type View } from "./view";
import { middleSign, shortSign } from "./words";

/** An element of an SVG, for the page and for the exported file. */
export interface Shape {
    tag: "path" | "line" | "rect" | "text";
    attributes: { [name: string]: string | number };
    text?: string;
    /** The tooltip. */
    title?: string;
}

export interface Paper {
    width: number;
    wallOffset: number;
}

/** The vertical positions, from top to bottom. */
export const layout = {
    height: 262,
    left: 62,
    right: 12,
    meaning: { top: 12, height: 26 },
    led: { low: 120, high: 64 },
    button: { low: 196, high: 150 },
    axis: 228,
    label: 250,
} as const;

const letterWidth = 8.2;
const letterPadding = 14;
const narrowestBar = 3;

/** The oscilloscope: meaning, LED, button and events over time. Pure. */
export function picture(recording: Recording, view: View, now: ServerTime, paper: Paper): Shape[] {
    const from = startOf(view, now);
    const until = endOf(view, now);
    const left = layout.left;
    const right = paper.width - layout.right;
    const x = (at: ServerTime) => left + ((at - from) / (until - from)) * (right - left);
    const shapes: Shape[] = [];

    for (const tick of ticks(from, until, Math.max(2, (right - left) / 110), paper.wallOffset)) {
        const at = Math.round(x(tick.at) * 10) / 10;
        shapes.push(line("grid", at, 44, at, layout.axis));
        if (at > left + 24 && at < right - 24) shapes.push(text("tick", at, layout.label, tick.label, "middle"));
    }
    for (const lane of ["led", "button"] as const) {
        const { low, high } = layout[lane];
        const path = tracePath(recording.spans(lane, from, until), x, left, right, low, high);
        shapes.push({ tag: "path", attributes: { class: `fill ${lane}`, d: `${path}V${low}H${left}Z` } });
        shapes.push({ tag: "path", attributes: { class: `trace ${lane}`, d: path } });
        shapes.push(text("lane", 0, (low + high) / 2 + 4, lane === "led" ? "LED" : "Button"));
    }
    shapes.push(line("axis", left, layout.axis, right, layout.axis));
    shapes.push(...eventMarks(recording, from, until, x));
    shapes.push(...meanings(recording.readings(now), from, until, x));
    return shapes;
}

function eventMarks(recording: Recording, from: ServerTime, until: ServerTime, x: (at: ServerTime) => number): Shape[] {
    return recording
        .events()
        .filter((event) => event.what !== "caption" && event.at >= from && event.at <= until)
        .map((event) => {
            const at = Math.round(x(event.at) * 10) / 10;
            const d = `M${at} ${layout.axis - 9}l5 9l-5 9l-5 -9Z`;
            return { tag: "path", attributes: { class: "event", d }, title: event.text };
        });
}

/**
 * A bar for each reading that is shown, with as many words as fit. One that would lie behind the bar before it is
 * left out: of a LED that a program toggles there are more than there are pixels.
 */
function meanings(readings: Reading[], from: ServerTime, until: ServerTime, x: (at: ServerTime) => number): Shape[] {
    const told = readings.filter((reading) => shortSign(reading) && reading.until >= from && reading.from <= until);
    const shapes: Shape[] = [];
    let covered = Number.NEGATIVE_INFINITY;
    told.forEach((reading, index) => {
        const begin = x(Math.max(reading.from, from));
        const end = x(Math.min(reading.until, until));
        if (end <= covered) return;
        const next = told[index + 1];
        const room = (next ? x(next.from) : x(until)) - begin - 2;
        const bar = meaningBar(reading, begin, Math.max(end, begin + narrowestBar), room);
        covered = begin + bar.width;
        shapes.push(...bar.shapes);
    });
    return shapes;
}

function meaningBar(reading: Reading, begin: number, end: number, room: number): { shapes: Shape[]; width: number } {
    const { top, height } = layout.meaning;
    const words = [reading.meaning, middleSign(reading), shortSign(reading)].find(
        (candidate) => widthOf(candidate) <= Math.max(room, end - begin),
    );
    // The bar begins when the reading does; its words may take longer.
    const width = round(Math.max(end - begin, words ? widthOf(words) : 0));
    const bar: Shape = {
        tag: "rect",
        attributes: { class: `meaning ${reading.sign}`, x: round(begin), y: top, width, height, rx: 4 },
        title: reading.meaning,
    };
    if (!words) return { shapes: [bar], width };
    return { shapes: [bar, { ...text("words", round(begin) + 6, top + 18, words), title: reading.meaning }], width };
}

function widthOf(words: string): number {
    return words.length * letterWidth + letterPadding;
}

function round(value: number): number {
    return Math.round(value * 10) / 10;
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): Shape {
    return { tag: "line", attributes: { class: name, x1, y1, x2, y2 } };
}

function text(name: string, x: number, y: number, words: string, anchor = "start"): Shape {
    return { tag: "text", attributes: { class: name, x, y, "text-anchor": anchor }, text: words };
}
