import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonFile, svgFile } from "../src/timeline/export";
import { picture } from "../src/timeline/picture";
import { Recording } from "../src/timeline/recording";
import { rows } from "../src/timeline/rows";
import { clockText, durationText, ticks } from "../src/timeline/scale";
import { tracePath } from "../src/timeline/trace";

const view = { span: 10_000, end: "now" } as const;
const wallOffset = Date.parse("2026-01-02T03:04:00Z");

function announced(): Recording {
    const recording = new Recording();
    recording.edge("led", { on: true, at: 2000 });
    recording.edge("led", { on: false, at: 2200 });
    recording.edge("button", { on: true, at: 4000 });
    recording.edge("button", { on: false, at: 4250 });
    recording.reading({ sign: "announcement", blinks: 1, from: 2000, until: 2900, meaning: "announces mode 1: <reboot> & more", goes_on: false });
    recording.event({ what: "power_on", at: 500, text: "The power adapter is plugged in." });
    return recording;
}

test("a trace goes up and down where the spans begin and end", () => {
    const path = tracePath([{ from: 10, until: 20 }], (at) => at, 0, 100, 50, 10);
    assert.equal(path, "M0 50H10V10H20V50H100");
});

test("a trace that is on at the end stays up", () => {
    const path = tracePath([{ from: 10, until: 100 }], (at) => at, 0, 100, 50, 10);
    assert.equal(path, "M0 50H10V10H100");
});

test("a blink shorter than a pixel is still to be seen", () => {
    const path = tracePath([{ from: 10, until: 10.01 }], (at) => at, 0, 100, 50, 10);
    assert.equal(path, "M0 50H10V10H10.5V50H100");
});

test("ten thousand spans need no more points than there are pixels", () => {
    const spans = Array.from({ length: 10_000 }, (_, index) => ({ from: index / 100, until: index / 100 + 0.005 }));
    assert.ok(tracePath(spans, (at) => at, 0, 100, 50, 10).split("H").length <= 200);
});

test("a reading is told in as many words as there is room for", () => {
    const words = (width: number) =>
        picture(announced(), view, 10_000, { width, wallOffset }).find((shape) => shape.attributes["class"] === "words")?.text;
    assert.equal(words(1200), "announces mode 1: <reboot> & more");
    assert.equal(words(300), "mode 1");
    assert.equal(words(120), "1");
});

test("a thousand readings need no more bars than there is room for", () => {
    const recording = new Recording();
    for (let at = 0; at < 10_000; at += 10) {
        recording.reading({ sign: "interrupted", blinks: 1, from: at, until: at + 10, meaning: "broken off", goes_on: false });
    }
    const bars = picture(recording, view, 10_000, { width: 300, wallOffset }).filter((shape) => shape.tag === "rect");
    assert.ok(bars.length > 10 && bars.length <= 300 / 3, `${bars.length} bars`);
});

test("the SVG file is well-formed whatever the board says", () => {
    const file = svgFile(announced(), view, 10_000, wallOffset);
    assert.ok(file.startsWith("<svg xmlns="));
    assert.ok(file.includes("&lt;reboot&gt; &amp; more"));
    assert.ok(!file.includes("<reboot>"));
    assert.match(file, /class="trace led" d="M62 120H[\d.]+V64H/);
});

test("the JSON file has every edge that is looked at, by the wall clock", () => {
    const data = JSON.parse(jsonFile(announced(), view, 10_000, wallOffset));
    assert.deepEqual(data.led, {
        on_at_start: false,
        edges: [
            { on: true, at: wallOffset + 2000 },
            { on: false, at: wallOffset + 2200 },
        ],
    });
    assert.equal(data.readings[0].blinks, 1);
    assert.equal(data.events[0].what, "power_on");
    const later = JSON.parse(jsonFile(announced(), { span: 1000, end: 2100 }, 10_000, wallOffset));
    assert.equal(later.led.edges.length, 1);
});

test("the table tells readings, presses and events in their order", () => {
    const table = rows(announced(), 10_000).map((row) => `${row.what}: ${row.meaning}`);
    assert.deepEqual(table, [
        "Board: The power adapter is plugged in.",
        "LED: 1 blink: announces mode 1: <reboot> & more",
        "Button: pressed for 250 ms",
    ]);
});

test("marks stand at round times of the wall clock", () => {
    const marks = ticks(1500, 11_500, 5, 250);
    assert.deepEqual(marks.map((mark) => (mark.at + 250) % 2000), [0, 0, 0, 0, 0]);
});

test("durations and times are written as people read them", () => {
    assert.deepEqual([85, 1000, 2540, 120_000, 80_000].map(durationText), ["85 ms", "1 s", "2.5 s", "2 min", "1 min 20 s"]);
    assert.match(clockText(wallOffset + 5250, 2), /:05\.25$/);
});
