import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../src/protocol/messages";
import { idleRefreshInterval } from "../src/timeline/idle_refresh";
import { Recording, recordingLength } from "../src/timeline/recording";

const empty = { led: [], button: [], readings: [], events: [] };

function reading(sign: Reading["sign"], from: number, until: number): Reading {
    const goesOn = sign === "slow_blinking" || sign === "error_code";
    return { sign, blinks: 0, from, until, meaning: sign, goes_on: goesOn };
}

test("a line is on from its edge up to the next one, cut to what is looked at", () => {
    const recording = new Recording();
    recording.edge("led", { on: true, at: 10 });
    recording.edge("led", { on: false, at: 20 });
    recording.edge("led", { on: true, at: 40 });
    assert.deepEqual(recording.spans("led", 15, 50), [
        { from: 15, until: 20 },
        { from: 40, until: 50 },
    ]);
    assert.deepEqual(recording.spans("led", 21, 39), []);
    assert.deepEqual(recording.spans("button", 0, 50), []);
});

test("after ten minutes edges are forgotten, but how the line stood is not", () => {
    const recording = new Recording();
    recording.edge("led", { on: false, at: 0 });
    recording.edge("led", { on: true, at: 1000 });
    recording.forget(1000 + recordingLength + 5000);
    assert.equal(recording.edgesOf("led").length, 1);
    assert.deepEqual(recording.spans("led", 7000, 8000), [{ from: 7000, until: 8000 }]);
});

test("a thousand edges are a thousand edges", () => {
    const recording = new Recording();
    for (let at = 0; at < 1000; ++at) recording.edge("led", { on: at % 2 === 0, at });
    recording.forget(1000);
    assert.equal(recording.edgesOf("led").length, 1000);
    assert.equal(recording.spans("led", 0, 1000).length, 500);
});

test("slow blinking goes on until something else is shown", () => {
    const recording = new Recording();
    recording.reading(reading("slow_blinking", 100, 300));
    assert.equal(recording.readings(900)[0]?.until, 900);
    recording.reading(reading("lit", 700, 800));
    assert.equal(recording.readings(900)[0]?.until, 700);
});

test("slow blinking ends when the server says so", () => {
    const recording = new Recording();
    recording.reading(reading("slow_blinking", 100, 300));
    recording.reading({ ...reading("slow_blinking", 100, 500), goes_on: false });
    assert.deepEqual(recording.readings(900).map((told) => told.until), [500]);
});

test("a reading that is told again takes the place of the first one", () => {
    const recording = new Recording();
    recording.reading(reading("lit", 100, 300));
    recording.reading(reading("lit", 100, 500));
    assert.deepEqual(recording.readings(900).map((told) => told.until), [500]);
});

test("what the server has kept takes the place of everything", () => {
    const recording = new Recording();
    recording.edge("led", { on: true, at: 10 });
    recording.replace({ ...empty, led: [{ on: true, at: 5 }] });
    assert.deepEqual(recording.edgesOf("led"), [{ on: true, at: 5 }]);
});

test("time goes on the more calmly the longer ago the newest thing was", () => {
    const recording = new Recording();
    const interval = (now: number) => idleRefreshInterval(now - recording.newest(), 30_000);
    assert.equal(interval(0), 5000, "nothing is shown");
    recording.edge("led", { on: true, at: 1000 });
    recording.event({ what: "power_on", at: 900, text: "" });
    assert.equal(recording.newest(), 1000);
    assert.deepEqual([interval(1500), interval(10_000), interval(40_000)], [1000, 2000, 5000]);
});
