import type { BoardEvent, Edge, History, Line, Reading, ServerTime } from "../protocol/messages";

/** A time in which a line was on. */
export interface Span {
    from: ServerTime;
    until: ServerTime;
}

/** How far back the record goes: ten minutes. */
export const recordingLength = 600_000;

/** Edges of LED and button, readings and events of the last ten minutes. */
export class Recording {
    private edges: { led: Edge[]; button: Edge[] } = { led: [], button: [] };
    private readingList: Reading[] = [];
    private eventList: BoardEvent[] = [];

    /** Replaces the record by the server's history, which contains it if the server is the same. */
    replace(history: History): void {
        this.edges = { led: [...history.led], button: [...history.button] };
        this.readingList = [...history.readings];
        this.eventList = [...history.events];
    }

    edge(line: Line, edge: Edge): void {
        this.edges[line].push(edge);
    }

    reading(reading: Reading): void {
        const last = this.readingList.at(-1);
        // The same reading, with its end.
        if (last && last.sign === reading.sign && last.from === reading.from) this.readingList.pop();
        this.readingList.push(reading);
    }

    event(event: BoardEvent): void {
        this.eventList.push(event);
    }

    /** Removes what is older than ten minutes, except the last edge of each line before that. */
    forget(now: ServerTime): void {
        const oldest = now - recordingLength;
        for (const line of ["led", "button"] as const) {
            const firstKept = this.edges[line].findIndex((edge) => edge.at >= oldest);
            const drop = firstKept === -1 ? this.edges[line].length - 1 : firstKept - 1;
            if (drop > 0) this.edges[line].splice(0, drop);
        }
        const lasts = this.readingList.map((_, index) => this.endOfReading(index, now) >= oldest);
        this.readingList = this.readingList.filter((_, index) => lasts[index] || index === lasts.length - 1);
        this.eventList = this.eventList.filter((event) => event.at >= oldest);
    }

    /** When the line was on between `from` and `until`. */
    spans(line: Line, from: ServerTime, until: ServerTime): Span[] {
        const spans: Span[] = [];
        let onSince: ServerTime | null = null;
        const end = (at: ServerTime) => {
            if (onSince !== null && at > from && onSince < until) {
                spans.push({ from: Math.max(onSince, from), until: Math.min(at, until) });
            }
            onSince = null;
        };
        for (const edge of this.edges[line]) {
            if (edge.on) onSince ??= edge.at;
            else end(edge.at);
        }
        end(until);
        return spans;
    }

    edgesOf(line: Line): readonly Edge[] {
        return this.edges[line];
    }

    /** Readings, each with its real end. */
    readings(now: ServerTime): Reading[] {
        return this.readingList.map((reading, index) => ({ ...reading, until: this.endOfReading(index, now) }));
    }

    /** The time of the newest entry; -Infinity if there is none. */
    newest(): ServerTime {
        const times = [this.edges.led.at(-1)?.at, this.edges.button.at(-1)?.at, this.readingList.at(-1)?.until, this.eventList.at(-1)?.at];
        return Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY));
    }

    events(): readonly BoardEvent[] {
        return this.eventList;
    }

    private endOfReading(index: number, now: ServerTime): ServerTime {
        const reading = this.readingList[index]!;
        if (!reading.goes_on) return reading.until;
        return Math.max(reading.until, this.readingList[index + 1]?.from ?? now);
    }
}
