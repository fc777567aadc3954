import assert from "node:assert/strict";
import { test } from "node:test";
import { BackOff } from "../src/connection/back_off";
import { ClockRelation } from "../src/connection/clock_relation";
import { PendingRequests } from "../src/connection/pending_requests";
import { ConsoleStream } from "../src/protocol/console_stream";
import { decodeMessage } from "../src/protocol/decode";

function piece(position: number, text: string): ArrayBuffer {
    const bytes = new TextEncoder().encode(text);
    const message = new ArrayBuffer(8 + bytes.length);
    new DataView(message).setBigUint64(0, BigInt(position));
    new Uint8Array(message, 8).set(bytes);
    return message;
}

function text(bytes: Uint8Array): string {
    return new TextDecoder().decode(bytes);
}

test("an edge is decoded", () => {
    const message = decodeMessage('{"type":"edge","what":"led","on":true,"at":12.5}');
    assert.deepEqual(message, { type: "edge", what: "led", on: true, at: 12.5 });
});

for (const [why, bad] of [
    ["no JSON", "led on"],
    ["no object", "[1,2]"],
    ["nothing", "null"],
    ["an unknown type", '{"type":"constructor"}'],
    ["a member that is missing", '{"type":"edge","what":"led","on":true}'],
    ["a member of another kind", '{"type":"edge","what":"led","on":"yes","at":1}'],
] as const) {
    test(`a message is refused for: ${why}`, () => {
        assert.throws(() => decodeMessage(bad));
    });
}

test("console output comes through once, though it is sent again after a reconnection", () => {
    const stream = new ConsoleStream();
    assert.equal(text(stream.take(piece(0, "U-Boot ")).bytes), "U-Boot ");
    assert.equal(text(stream.take(piece(0, "U-Boot 2023")).bytes), "2023");
    assert.equal(text(stream.take(piece(3, "oot")).bytes), "");
    assert.equal(text(stream.take(piece(11, ".01")).bytes), ".01");
});

test("console output that nobody has kept is told", () => {
    const stream = new ConsoleStream();
    stream.take(piece(0, "abc"));
    assert.equal(stream.take(piece(10, "k")).missed, 7);
    stream.startAnew();
    assert.deepEqual(text(stream.take(piece(0, "new")).bytes), "new");
});

test("console output without a position is refused", () => {
    assert.throws(() => new ConsoleStream().take(new ArrayBuffer(7)));
});

test("tries to connect come less and less often, and soon again after a success", () => {
    const backOff = new BackOff(250, 5000, () => 0.5);
    const delays = Array.from({ length: 7 }, () => backOff.next());
    assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 5000, 5000]);
    backOff.succeeded();
    assert.equal(backOff.next(), 250);
});

test("no two pages come back at the same moment", () => {
    assert.equal(new BackOff(1000, 5000, () => 0).next(), 800);
    assert.equal(new BackOff(1000, 5000, () => 1).next(), 1200);
});

test("the quickest ping tells how the clocks are related", () => {
    const clock = new ClockRelation();
    clock.hello(1000, 1_700_000_001_000, 5060);
    assert.equal(clock.toServer(5060), 1000);
    clock.pong(6000, 6100, 2020);
    clock.pong(7000, 7002, 3001);
    clock.pong(8000, 8300, 4290);
    assert.equal(clock.toServer(7001), 3001);
    assert.equal(clock.toPage(3001), 7001);
    assert.equal(clock.toWall(1000), 1_700_000_001_000);
});

test("an old ping does not count for ever", () => {
    const clock = new ClockRelation();
    clock.hello(0, 0, 0);
    clock.pong(0, 1, 0.5);
    for (let index = 0; index < 10; ++index) clock.pong(100, 110, 155);
    assert.equal(clock.toServer(105), 155);
});

test("each command gets its own answer", async () => {
    const requests = new PendingRequests();
    const first = requests.issue({ do: "power", on: true });
    const second = requests.issue({ do: "reset" });
    assert.deepEqual(JSON.parse(second.text), { do: "reset", id: 2 });
    assert.equal(requests.failed(2, "There is no power."), true);
    requests.done(1);
    await first.answer;
    await assert.rejects(second.answer, /There is no power/);
    assert.equal(requests.failed(2, "again"), false);
});

test("a lost connection ends what waits for an answer", async () => {
    const requests = new PendingRequests();
    const { answer } = requests.issue({ do: "reset" });
    requests.lost();
    await assert.rejects(answer, /lost/);
});
