import assert from "node:assert/strict";
import { test } from "node:test";
import { ButtonHold } from "../src/board/button_hold";
import { modeTexts, modeTitles, stepOf, steps } from "../src/manual/texts";
import { sizeText } from "../src/media/size_text";

test("the button is down as long as any source is on it", () => {
    const told: boolean[] = [];
    const button = new ButtonHold((down) => told.push(down));
    button.press("pointer");
    button.press("space");
    button.press("space");
    button.release("pointer");
    assert.deepEqual(told, [true]);
    button.release("space");
    button.release("space");
    assert.deepEqual(told, [true, false]);
});

test("a window that loses the focus lets go of the button, once", () => {
    const told: boolean[] = [];
    const button = new ButtonHold((down) => told.push(down));
    button.letGo();
    button.press("key");
    button.letGo();
    button.release("key");
    assert.deepEqual(told, [true, false]);
});

test("after the board has let go by itself, a source that goes tells nothing", () => {
    const told: boolean[] = [];
    const button = new ButtonHold((down) => told.push(down));
    button.press("key");
    button.forget();
    button.release("key");
    assert.deepEqual(told, [true]);
});

test("each mode has a name and a text, and the phases of a rescue have their steps", () => {
    for (let mode = 1; mode <= 7; ++mode) assert.ok(modeTitles[mode] && modeTexts[mode]);
    const phases = ["off", "entering_rescue", "starting_rescue", "selecting", "executing"] as const;
    assert.deepEqual(phases.map(stepOf), [...steps.keys()]);
    assert.equal(stepOf("running"), -1);
});

test("sizes are written as the console writes them", () => {
    assert.deepEqual([0, 999, 1000, 12_100_000, 999_960, 3_000_000_000].map(sizeText), [
        "0 B", "999 B", "1.0 kB", "12.1 MB", "1.0 MB", "3.0 GB",
    ]);
});
