import type { ServerTime } from "../protocol/messages";

export interface Tick {
    at: ServerTime;
    label: string;
}

const steps = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000];

/** "20:14:05", or with `digits` decimals "20:14:05.20"; local time. */
export function clockText(wall: number, digits = 0): string {
    const date = new Date(wall);
    const two = (value: number) => String(value).padStart(2, "0");
    const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    if (digits === 0) return text;
    return `${text}.${String(date.getMilliseconds()).padStart(3, "0").slice(0, digits)}`;
}

/** "850 ms", "2.5 s", "1 min 20 s". */
export function durationText(milliseconds: number): string {
    if (milliseconds < 995) return `${Math.round(milliseconds)} ms`;
    if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1).replace(/\.0$/, "")} s`;
    const seconds = Math.round(milliseconds / 1000);
    return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
}

/** Marks of the wall clock at round times, at most `most` of them. `wallOffset` makes wall time of server time. */
export function ticks(from: ServerTime, until: ServerTime, most: number, wallOffset: number): Tick[] {
    const wanted = (until - from) / Math.max(1, most);
    const step = steps.find((candidate) => candidate >= wanted) ?? steps.at(-1)!;
    const digits = step < 100 ? 2 : step < 1000 ? 1 : 0;
    const result: Tick[] = [];
    for (let wall = Math.ceil((from + wallOffset) / step) * step; wall <= until + wallOffset; wall += step) {
        result.push({ at: wall - wallOffset, label: clockText(wall, digits) });
    }
    return result;
}
