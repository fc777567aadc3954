import assert from "node:assert/strict";
import { test } from "node:test";
import { recordingLength } from "../src/timeline/recording";
import { endOf, pan, startOf, zoom } from "../src/timeline/view";

const now = 500_000;

test("a view that follows the present keeps following when it is zoomed", () => {
    const view = zoom({ span: 30_000, end: "now" }, 0.5, 1, now);
    assert.deepEqual(view, { span: 15_000, end: "now" });
});

test("what is under the pointer stays there", () => {
    const before = { span: 10_000, end: 490_000 };
    const after = zoom(before, 0.5, 0.25, now);
    const underPointer = (view: typeof after) => startOf(view, now) + 0.25 * view.span;
    assert.equal(underPointer(after), underPointer(before));
    assert.equal(after.span, 5000);
});

test("more than is recorded, or nearly nothing, cannot be shown", () => {
    assert.equal(zoom({ span: 100_000, end: "now" }, 100, 1, now).span, recordingLength);
    assert.equal(zoom({ span: 300, end: "now" }, 0.01, 1, now).span, 200);
});

test("moving back stops at the oldest moment, moving forth at the present", () => {
    const old = pan({ span: 20_000, end: "now" }, -100, now);
    assert.equal(startOf(old, now), now - recordingLength);
    assert.deepEqual(pan(old, 100, now), { span: 20_000, end: "now" });
    assert.equal(endOf(pan({ span: 20_000, end: "now" }, -0.5, now), now), now - 10_000);
});
