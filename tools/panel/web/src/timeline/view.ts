import type { ServerTime } from "../protocol/messages";
import { recordingLength } from "./recording";

/** The visible part of the record: a span in milliseconds, up to a moment or up to now. */
export interface View {
    span: number;
    end: ServerTime | "now";
}

export const wholeRecording: View = { span: recordingLength, end: "now" };
export const firstView: View = { span: 30_000, end: "now" };

const shortestSpan = 200;

export function endOf(view: View, now: ServerTime): ServerTime {
    return view.end === "now" ? now : view.end;
}

export function startOf(view: View, now: ServerTime): ServerTime {
    return endOf(view, now) - view.span;
}

/** A view that ends at the present follows it. */
function at(span: number, end: ServerTime, now: ServerTime): View {
    if (end >= now) return { span, end: "now" };
    return { span, end: Math.max(end, now - recordingLength + span) };
}

/**
 * Shows `factor` times as much (less than 1: zooms in). The moment at `anchor`, between 0 (left) and 1 (right), stays
 * where it is; a view that follows the present goes on doing so.
 */
export function zoom(view: View, factor: number, anchor: number, now: ServerTime): View {
    const span = Math.min(recordingLength, Math.max(shortestSpan, view.span * factor));
    if (view.end === "now" && anchor >= 1) return { span, end: "now" };
    const fixed = startOf(view, now) + anchor * view.span;
    return at(span, fixed + (1 - anchor) * span, now);
}

/** Moves by a part of the visible span; negative: into the past. */
export function pan(view: View, part: number, now: ServerTime): View {
    return at(view.span, endOf(view, now) + part * view.span, now);
}
