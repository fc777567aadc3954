import type { Edge, Reading, ServerTime } from "../protocol/messages";
import type { Recording } from "./recording";
import { durationText } from "./scale";
import { signText } from "./words";

/** A row of the table: time, event, meaning. */
export interface Row {
    at: ServerTime;
    what: string;
    meaning: string;
}

/** The record as a table, oldest first, for example for screen readers. */
export function rows(recording: Recording, now: ServerTime): Row[] {
    return [
        ...recording.readings(now).map(readingRow),
        ...presses(recording.edgesOf("button"), now),
        ...recording.events().map((event) => ({ at: event.at, what: "Board", meaning: event.text })),
    ].sort((a, b) => a.at - b.at);
}

function readingRow(reading: Reading): Row {
    const steady = reading.sign === "lit" || reading.sign === "dark";
    const length = steady ? ` for ${durationText(reading.until - reading.from)}` : "";
    return { at: reading.from, what: `LED: ${signText(reading)}${length}`, meaning: reading.meaning };
}

function presses(edges: readonly Edge[], now: ServerTime): Row[] {
    return edges.flatMap((edge, index) => {
        if (!edge.on) return [];
        const next = edges[index + 1];
        const length = durationText((next?.at ?? now) - edge.at);
        return [{ at: edge.at, what: "Button", meaning: next ? `pressed for ${length}` : `held, ${length} so far` }];
    });
}
