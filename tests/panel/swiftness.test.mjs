// The LED on the page keeps up with the router's, and a page that has nothing to show does nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { edgesSeen, median, quantile, watchEdges } from "./support/edge_watch.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, pullsPlug, seesOnConsole, types } from "./support/person.mjs";
import { coreUse } from "./support/processor_time.mjs";

const led = "/sys/class/leds/mox:red:activity/brightness";

let server;
let browser;
let page;

before(async () => {
    server = await PanelServer.start();
    browser = await openBrowser();
    ({ page } = await openPanel(browser.context, server.url));
    await page.locator("#card-content", { hasText: "In the slot: demo system" }).waitFor({ timeout: bootPatience });
    await page.locator("#power", { hasText: "Plug in" }).click();
    await seesOnConsole(page, "mox login:");
    await types(page, "root");
    await seesOnConsole(page, "#");
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test("an edge of the LED is on the screen within 50 ms", async (report) => {
    await watchEdges(page);
    await types(page, `for i in $(seq 25); do echo 1 >${led}; sleep 0.17; echo 0 >${led}; sleep 0.13; done`);
    await looksAtRouter();
    await page.waitForFunction(() => window.edgeWatch.drawn.length >= 49, undefined, { timeout: bootPatience });
    const { lateness } = await edgesSeen(page);
    assert.ok(lateness.length >= 45, `${lateness.length} edges were timed`);
    report.diagnostic(`edge to pixel: median ${median(lateness).toFixed(1)} ms, 95 % ${quantile(lateness, 0.95).toFixed(1)} ms`);
    assert.ok(median(lateness) < 50, `median ${median(lateness)} ms`);
});

test("a thousand edges arrive, each of them, in their order", async (report) => {
    await types(page, `echo 0 >${led}; echo da''rk`);
    await seesOnConsole(page, "dark");
    await watchEdges(page);
    await types(page, `i=0; while [ $i -lt 500 ]; do echo 1 >${led}; sleep 0.01; echo 0 >${led}; sleep 0.01; i=$((i+1)); done; echo do''ne`);
    await seesOnConsole(page, "done");
    await page.waitForFunction(() => window.edgeWatch.drawn.length >= 1000, undefined, { timeout: bootPatience });
    const { told, drawn } = await edgesSeen(page);
    const alternating = Array.from({ length: 1000 }, (_, index) => index % 2 === 0);
    assert.deepEqual(drawn, alternating, "what the page has drawn");
    assert.deepEqual(told, alternating, "what the server has told");
    report.diagnostic(`${drawn.length} edges drawn of 1000`);
    await page.locator("#router[data-lit=false]").waitFor();
});

test("the pixels of the LED are red when it is lit, and not when it is dark", async () => {
    await types(page, `echo 0 >${led}; echo da''rk again`);
    await page.locator("#router[data-lit=false]").waitFor();
    await looksAtRouter();
    const dark = await ledColour(page);
    await types(page, `echo 1 >${led}`);
    await page.locator("#router[data-lit=true]").waitFor();
    await looksAtRouter();
    const lit = await ledColour(page);
    assert.ok(lit.red > 200 && lit.red > dark.red + 60 && lit.red > lit.blue + 60, JSON.stringify({ lit, dark }));
});

test("a page with nothing to show uses less than 2 % of a core", async (report) => {
    await pullsPlug(page);
    await browser.close();
    browser = await openBrowser();
    ({ page } = await openPanel(browser.context, server.url));
    await page.locator("#look .version").waitFor({ timeout: bootPatience });
    await page.waitForTimeout(5000); // what a page does at its start is over
    const use = await coreUse(page, 20);
    const told = Object.entries(use).map(([type, part]) => `${type} ${(part * 100).toFixed(2)} %`);
    report.diagnostic(`an idle page uses of a core: ${told.join(", ")}`);
    assert.ok(use.renderer < 0.02, told.join(", "));
});

/** Typing has scrolled to the serial console. */
async function looksAtRouter() {
    await page.evaluate(() => scrollTo(0, 0));
}

/** The colour in the middle of the LED, from a picture of the screen. */
async function ledColour(onPage) {
    const box = await onPage.locator("#led").boundingBox();
    const clip = { x: box.x + box.width / 2 - 1, y: box.y + box.height / 2 - 1, width: 3, height: 3 };
    const picture = (await onPage.screenshot({ clip })).toString("base64");
    return onPage.evaluate(async (data) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        const pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0);
        const [red, green, blue] = pen.getImageData(1, 1, 1, 1).data;
        return { red, green, blue };
    }, picture);
}
