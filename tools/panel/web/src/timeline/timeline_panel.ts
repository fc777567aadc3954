import type { ClockRelation } from "../connection/clock_relation";
import { byId, setPressed, setText } from "../dom/elements";
import type { BoardEvent, Edge, History, Line, Reading, ServerTime } from "../protocol/messages";
import { idleRefreshInterval } from "./idle_refresh";
import { jsonFile, svgFile } from "./export";
import { layout, picture } from "./picture";
import { Recording } from "./recording";
import { durationText } from "./scale";
import { Scope } from "./scope";
import { Table } from "./table";
import { firstView, pan, wholeRecording, zoom, type View } from "./view";
import { Visibility } from "./visibility";

/** The shortest interval between drawings without events. */
const tickLength = 1000;
/** The delay of a drawing after an event, so that it includes other events of that time. */
const eventRedraw = 80;
const zoomStep = 1.6;

/** The oscilloscope of LED and button, with its controls. */
export class TimelinePanel {
    private readonly recording = new Recording();
    private readonly frame = byId("scope");
    private readonly scope = new Scope(this.frame);
    private readonly visibility = new Visibility(this.frame, () => this.redrawSoon());
    private readonly table = new Table(() => this.redrawSoon());
    private readonly spanText = byId("span-text");
    private readonly follow = byId("follow");
    private view: View = firstView;
    private timer = 0;
    private drawnAt: ServerTime = Number.NEGATIVE_INFINITY;
    private lastKnown: ServerTime | null = null;

    constructor(private readonly clock: ClockRelation) {
        byId("zoom-in").addEventListener("click", () => this.zoom(1 / zoomStep, 1));
        byId("zoom-out").addEventListener("click", () => this.zoom(zoomStep, 1));
        this.follow.addEventListener("click", () => this.look({ ...this.view, end: this.view.end === "now" ? this.now() : "now" }));
        byId("save-svg").addEventListener("click", () => this.save("svg", "image/svg+xml", svgFile));
        byId("save-json").addEventListener("click", () => this.save("json", "application/json", jsonFile));
        this.frame.addEventListener("keydown", (event) => this.key(event));
        this.frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        this.listenToDrags();
        window.setInterval(() => this.tick(), tickLength);
        // Also while it is scrolled away: the old picture in the new width would be seen first.
        new ResizeObserver(() => this.redrawLater()).observe(this.frame);
    }

    replace(history: History): void {
        this.lastKnown = null;
        this.recording.replace(history);
        this.redrawSoon();
    }

    edge(line: Line, edge: Edge): void {
        this.recording.edge(line, edge);
        this.redrawSoon();
    }

    reading(reading: Reading): void {
        this.recording.reading(reading);
        this.redrawSoon();
    }

    event(event: BoardEvent): void {
        this.recording.event(event);
        this.redrawSoon();
    }

    /** The connection is lost: the time axis stops. */
    lost(): void {
        this.lastKnown ??= this.clock.toServer(performance.now());
    }

    private now(): ServerTime {
        return this.lastKnown ?? this.clock.toServer(performance.now());
    }

    private tick(): void {
        if (this.lastKnown !== null) return;
        const now = this.now();
        this.recording.forget(now);
        const isDue = now - this.drawnAt > idleRefreshInterval(now - this.recording.newest(), this.view.span) - tickLength / 2;
        if (this.view.end === "now" && isDue) this.redrawSoon();
    }

    private redrawSoon(): void {
        if (this.visibility.isVisible) this.redrawLater();
    }

    private redrawLater(): void {
        if (this.timer !== 0) return;
        this.timer = window.setTimeout(() => {
            this.timer = 0;
            this.redraw();
        }, eventRedraw);
    }

    private redraw(): void {
        const now = this.now();
        this.drawnAt = now;
        const wallOffset = this.clock.toWall(0);
        this.scope.draw(picture(this.recording, this.view, now, { width: this.scope.width, wallOffset }));
        this.table.draw(this.recording, now, wallOffset);
        setText(this.spanText, durationText(this.view.span));
        setPressed(this.follow, this.view.end === "now");
    }

    private look(view: View): void {
        this.view = view;
        this.redraw();
    }

    private zoom(factor: number, anchor: number): void {
        this.look(zoom(this.view, factor, anchor, this.now()));
    }

    private key(event: KeyboardEvent): void {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const acts: { [key: string]: () => void } = {
            "+": () => this.zoom(1 / zoomStep, 1),
            "=": () => this.zoom(1 / zoomStep, 1),
            "-": () => this.zoom(zoomStep, 1),
            ArrowLeft: () => this.look(pan(this.view, -0.2, this.now())),
            ArrowRight: () => this.look(pan(this.view, 0.2, this.now())),
            Home: () => this.look(wholeRecording),
            End: () => this.look({ ...this.view, end: "now" }),
        };
        const act = acts[event.key];
        if (!act) return;
        event.preventDefault();
        act();
    }

    /** The wheel zooms where the pointer is when the timeline has the focus or Ctrl is held; else the page scrolls. */
    private wheel(event: WheelEvent): void {
        if (!event.ctrlKey && document.activeElement !== this.frame) return;
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            return this.look(pan(this.view, event.deltaX / this.plotWidth(), this.now()));
        }
        const place = (event.clientX - this.frame.getBoundingClientRect().left - layout.left) / this.plotWidth();
        this.zoom(Math.exp(event.deltaY * 0.0015), Math.min(1, Math.max(0, place)));
    }

    private listenToDrags(): void {
        let last: number | null = null;
        this.frame.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) return;
            last = event.clientX;
            this.frame.setPointerCapture(event.pointerId);
        });
        this.frame.addEventListener("pointermove", (event) => {
            if (last === null) return;
            const part = (last - event.clientX) / this.plotWidth();
            last = event.clientX;
            this.look(pan(this.view, part, this.now()));
        });
        for (const end of ["pointerup", "pointercancel"]) this.frame.addEventListener(end, () => (last = null));
    }

    private plotWidth(): number {
        return this.scope.width - layout.left - layout.right;
    }

    private save(ending: string, type: string, write: typeof svgFile): void {
        const content = write(this.recording, this.view, this.now(), this.clock.toWall(0));
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([content], { type }));
        link.download = `mox-timeline.${ending}`;
        link.click();
        window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }
}
