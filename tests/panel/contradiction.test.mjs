// A real board to which anything happens: plug, button, stick, card, cable, uploads, the reset pin, in random order. After
// each step what the page shows is compared with itself, with the console and with the media. Two minutes;
// MOX_SOAK_SECONDS=N for longer, MOX_SEED=N repeats a sequence.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { BoardWitness } from "./support/board_witness.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience } from "./support/person.mjs";

const seed = Number(process.env.MOX_SEED ?? (process.env.MOX_SOAK_SECONDS ? Date.now() % 1_000_000 : 1));
const length = Number(process.env.MOX_SOAK_SECONDS ?? 120) * 1000;

let server;
let browser;
let page;
let mistakes;
let witness;

before(async () => {
    server = await PanelServer.start();
    browser = await openBrowser();
    ({ page, mistakes } = await openPanel(browser.context, server.url));
    await page.locator("#card-content", { hasText: "In the slot" }).waitFor({ timeout: bootPatience });
    witness = await BoardWitness.on(page);
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator of 32 bits). */
function numbers(from) {
    let value = from >>> 0;
    return () => (value = (Math.imul(value, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const random = numbers(seed);
const oneOf = (list) => list[Math.floor(random() * list.length)];
const flip = () => random() < 0.5;

const acts = [
    { do: () => ({ do: "power", on: flip() }), weight: 2 },
    { do: () => ({ do: "stick", in: flip() }), weight: 3 },
    { do: () => ({ do: "card", in: flip() }), weight: 2 },
    { do: () => ({ do: "cable", plugged: flip() }), weight: 2 },
    { do: () => ({ do: "button", down: flip(), locked: flip() }), weight: 4 },
    { do: () => ({ do: "make_stick", content: oneOf(["good", "stranger", "corrupt", "files"]), filesystem: oneOf(["fat32", "ext4"]) }), weight: 2 },
    { do: () => ({ do: "make_card", content: oneOf(["demo", "empty"]) }), weight: 1 },
    { do: () => ({ do: "check_file", name: oneOf(["a.tar", "a:b"]), size: 5 }), weight: 1 },
    { do: () => ({ do: "reset" }), weight: 1 },
];

function anyAct() {
    let place = random() * acts.reduce((sum, { weight }) => sum + weight, 0);
    for (const { do: act, weight } of acts) if ((place -= weight) < 0) return act();
    return acts[0].do();
}

test("nothing on the page contradicts the page, the console or the media", async (report) => {
    report.diagnostic(`MOX_SEED=${seed} repeats this sequence`);
    const end = Date.now() + length;
    await failsWithAReason();
    let steps = 0;
    for (; Date.now() < end; ++steps) {
        await witness.order(anyAct());
        await page.waitForTimeout(oneOf([0, 50, 300, 1000, 2500]));
        await noContradiction();
    }
    report.diagnostic(`${steps} steps, phases: ${[...(await witness.phases())].join(", ")}`);
    assert.deepEqual(mistakes, []);
});

test("a router without a card comes to the boot loader's prompt, and the page says so", async () => {
    for (const act of [{ do: "power", on: false }, { do: "button", down: false, locked: false }, { do: "card", in: false }, { do: "cable", plugged: false }])
        await witness.order(act);
    await witness.order({ do: "power", on: true });
    await page.locator("#meaning", { hasText: "no card in the slot" }).waitFor({ timeout: bootPatience });
    await noContradiction();
    // Any key stops the boot loader.
    for (let tries = 0; tries < 600 && !(await witness.state()).phase.includes("prompt"); ++tries) {
        await witness.types(" ");
        await page.waitForTimeout(100);
    }
    await page.locator("#meaning", { hasText: "the boot loader waits at its prompt" }).waitFor({ timeout: bootPatience });
    assert.match(await witness.console(), /=> +$/);
    await noContradiction();
    await witness.order({ do: "power", on: false });
    await page.locator("#meaning", { hasText: "The router is off" }).waitFor();
    await noContradiction();
});

/** Mode 4 with a stick that the router does not trust: the code and the reason are those of the console. */
async function failsWithAReason() {
    await witness.order({ do: "make_stick", content: "stranger", filesystem: "fat32" });
    await witness.order({ do: "stick", in: true });
    await witness.order({ do: "button", down: true, locked: true });
    await witness.order({ do: "power", on: true });
    await page.locator("#phase-word", { hasText: "entering rescue mode" }).waitFor({ timeout: bootPatience });
    await witness.order({ do: "button", down: false, locked: false });
    for (let mode = 1; mode < 4; ++mode) {
        await page.locator(`#modes .mode:nth-child(${mode})[aria-current]:has-text("announced")`).waitFor({ timeout: bootPatience });
        await witness.order({ do: "button", down: true, locked: true });
        await page.waitForTimeout(200);
        await witness.order({ do: "button", down: false, locked: false });
        await noContradiction();
    }
    for (;;) {
        await noContradiction();
        if ((await witness.state()).phase === "failed") break;
        await page.waitForTimeout(200);
    }
    for (let second = 0; second < 8; ++second) {
        await page.waitForTimeout(1000);
        await noContradiction();
    }
    const { state, text } = await witness.both();
    assert.equal(state.error, 2);
    assert.notEqual(state.reason, "");
    assert.ok(text.includes(`error: ${state.reason}`), `the console has the reason:\n${text.slice(-2000)}`);
    assert.equal(await page.locator("#reason").textContent(), `The console says: ${state.reason}`);
    assert.equal(await page.locator("#reason").isVisible(), true);
}

async function noContradiction() {
    const { state, text, shown, open } = await witness.both();
    const told = `MOX_SEED=${seed}\nstate ${JSON.stringify(state)}\nshown ${JSON.stringify(shown)}\nconsole:\n${text.slice(-1500)}`;
    const hold = (right, what) => assert.ok(right, `${what}\n${told}`);
    hold(shown.meaning.toLowerCase() === state.meaning.toLowerCase(), "the heading is the server's");
    hold(shown.hint === state.hint && shown.doing === state.doing, "hint and words beside the LED");
    hold(state.power === (state.phase !== "off"), "power");
    if (!state.power) {
        hold(state.mode + state.repetition + state.error === 0 && state.reason === "", "without power nothing goes on");
        hold(!state.led && !shown.lit && !shown.progress, "without power nothing is lit and no bar is shown");
        hold(/is off/.test(state.meaning), "the heading says that it is off");
    }
    const errors = [...text.matchAll(/The LED shows error (\d)/g)].map(([, code]) => Number(code));
    hold((state.error !== 0) === (state.phase === "failed"), "an error is a failure");
    if (state.error !== 0) hold(state.error === errors.at(-1), "the error is the last that the console has told");
    hold(shown.progress === (state.progress !== null), "the bar is that of the state");
    if (state.progress) hold(state.phase === "executing", "progress belongs to a mode that runs");
    if (state.phase === "executing") hold(text.includes(`executing mode ${state.mode} `), "the console knows the mode");
    if (/system on the card starts/.test(`${state.meaning} ${state.hint}`)) {
        hold(state.card.in, "a system starts from a card");
        hold(!/=> $/.test(text), "and not at the boot loader's prompt");
    }
    if (open === "slow_blinking") hold(state.phase === "executing", "the timeline's slow blinking goes on with the mode");
    if (open === "error_code") hold(state.phase === "failed", "the timeline's code goes on with the failure");
    for (const slot of ["card", "stick"]) {
        hold(!state[slot].in || state[slot].content !== "", `what is in has a content: ${slot}`);
        hold(!(state[slot].failure && state[slot].content), `what could not be made is not there: ${slot}`);
        hold(shown[slot] === (state[slot].in ? "in" : state[slot].content ? "out" : "none"), `the picture's ${slot}`);
    }
    hold(shown.cable === state.cable, "the cable in the picture");
}
