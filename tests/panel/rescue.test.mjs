// A broken router is rescued on the page: hold, plug in, choose mode 4, see it re-flashed and its login. Two tabs show it.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { built, PanelServer } from "./support/panel_server.mjs";
import {
    bootPatience, choosesMode, dropsFiles, entersRescue, flashPatience, makesCard, makesStick, plugsInStick, pullsPlug, saves,
    seesOnConsole, timelineTable,
} from "./support/person.mjs";
import { picturesAreWanted, takesPicture } from "./support/pictures.mjs";

let server;
const browsers = [];
let first;
let second;
/** By night and on a phone: only to be photographed, because every browser takes its part of the computer. */
let night;
let phone;

before(async () => {
    server = await PanelServer.start();
    const window = { width: 1360, height: 1010 };
    first = await open(window);
    second = await openPanel(browsers[0].context, server.url);
    if (!picturesAreWanted) return;
    night = await open({ ...window, scheme: "dark" });
    phone = await open({ width: 390, height: 844, scale: 2 });
});

async function open(look) {
    const browser = await openBrowser(look);
    browsers.push(browser);
    return openPanel(browser.context, server.url);
}

after(async () => {
    for (const browser of browsers) await browser.close();
    await server?.stop();
});

test("mode 4 re-flashes a broken router, both tabs see the same, and a reload in the middle changes nothing", async () => {
    const { page } = first;
    const both = [page, second.page];
    await page.bringToFront();

    await makesCard(page, "broken");
    const medkit = join(built, "medkit");
    await dropsFiles(page, (await readdir(medkit)).map((name) => join(medkit, name)));
    assert.equal(await page.locator("#stick-kind").inputValue(), "files", "what was dropped is what the next stick gets");
    await makesStick(page, "files", "ext4");
    await plugsInStick(page);

    await entersRescue(page);
    await choosesMode(page, 4);
    await second.page.locator("#modes .mode:nth-child(4)[aria-current]").waitFor();
    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "announced twice" }).waitFor({ timeout: bootPatience });
    await takesPicture(page, "panel-light");
    await takesPicture(night?.page, "panel-dark");
    await takesPicture(phone?.page, "panel-small");

    for (const shown of both) await shown.locator("#modes .mode:nth-child(4) .badge", { hasText: "running" }).waitFor({ timeout: bootPatience });
    await page.locator("#progress", { hasText: /Step \d of \d/ }).waitFor({ timeout: bootPatience });
    await page.reload();
    await page.locator("#link[data-link=open]").waitFor();
    const events = await timelineTable(page);
    for (const mode of [1, 2, 3, 4]) {
        assert.match(events, new RegExp(`do mode ${mode}`), `what was before the reload is still known: mode ${mode}`);
    }
    assert.equal(await page.locator("#hold").getAttribute("aria-pressed"), "false");
    await takesPicture(page, "panel-media", ".media");

    await seesOnConsole(page, "mox login:", flashPatience);
    for (const shown of both) await shown.locator("#meaning", { hasText: "The installed system is running" }).waitFor();

    await pullsPlug(page);
    for (const shown of both) await shown.locator("#look .version", { hasText: "9.9.9" }).waitFor({ timeout: bootPatience });
    assert.match(await page.locator("#look").textContent(), /@factory/);
    assert.deepEqual([...first.mistakes, ...second.mistakes], []);
    await second.page.bringToFront();
    await seesOnConsole(second.page, "mox login:");
    await page.bringToFront();
});

test("the timeline shows more and less time by buttons, keys and the wheel, and is saved as SVG and as JSON", async () => {
    const { page } = first;
    const scope = page.locator("#scope");
    await scope.scrollIntoViewIfNeeded();
    assert.equal(await spanShown(page), "30 s");
    await page.locator("#zoom-in").click();
    assert.equal(await spanShown(page), "18.8 s");
    await scope.focus();
    await page.keyboard.press("+");
    assert.equal(await spanShown(page), "11.7 s");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await page.locator("#follow").getAttribute("aria-pressed"), "false", "the past stays where it is");
    await scope.hover();
    await page.mouse.wheel(0, 4000);
    assert.equal(await spanShown(page), "10 min");
    await page.keyboard.press("End");
    assert.equal(await page.locator("#follow").getAttribute("aria-pressed"), "true");

    const json = await saves(page, "#save-json");
    assert.equal(json.name, "mox-timeline.json");
    const saved = JSON.parse(json.text);
    assert.ok(saved.readings.some(({ sign, blinks }) => sign === "announcement" && blinks === 4), json.text);
    assert.ok(saved.led.edges.length > 20 && saved.button.edges.length >= 6, json.text);
    assert.ok(Math.abs(saved.until - Date.now()) < 60_000, "times are those of the clock on the wall");

    const svg = await saves(page, "#save-svg");
    assert.equal(svg.name, "mox-timeline.svg");
    const drawn = await page.evaluate(async (text) => {
        const image = new Image();
        image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(text)))}`;
        await image.decode();
        return { width: image.naturalWidth, words: new DOMParser().parseFromString(text, "image/svg+xml").documentElement.textContent };
    }, svg.text);
    assert.ok(drawn.width > 0, "it is an SVG that stands alone");
    assert.match(drawn.words, /do mode 4/);
});

test("a stick with a bad signature is refused: the LED shows code 2, the page says what to do; the plug is pulled", async () => {
    const { page } = first;
    await page.getByRole("button", { name: "Stick with a bad signature" }).click();
    await page.locator("#stick-content", { hasText: "In the slot: medkit signed by a stranger" }).waitFor({ timeout: bootPatience });
    await page.getByRole("button", { name: "Cut the network" }).click();
    await page.locator("#router[data-cable=false]").waitFor();
    await entersRescue(page);
    await choosesMode(page, 4);
    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "failed" }).waitFor({ timeout: flashPatience });
    assert.match(await page.locator("#phase-word").textContent(), /code 2/);
    assert.match(await page.locator("#hint").textContent(), /another stick/);
    await page.getByRole("button", { name: "Pull the stick" }).click();
    await second.page.locator("#router[data-stick=out]").waitFor();
    await page.locator("#fault-plug").click();
    await second.page.locator("#router[data-power=false]").waitFor();
    await second.page.locator("#look .version", { hasText: "9.9.9" }).waitFor({ timeout: bootPatience });
});

async function spanShown(page) {
    return page.locator("#span-text").textContent();
}
