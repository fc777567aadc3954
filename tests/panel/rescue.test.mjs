// A broken router is rescued on the page: hold, plug in, choose mode 4, see it re-flashed and its login.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import {
    bootPatience, choosesMode, consoleText, entersRescue, flashPatience, makesCard, makesStick, plugsInStick, seesOnConsole,
} from "./support/person.mjs";

let server;
let browser;

before(async () => {
    server = await PanelServer.start();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test("mode 4 re-flashes a broken router, two pages see the same, and a reload in the middle changes nothing", async () => {
    const { page, mistakes } = await openPanel(browser.context, server.url);
    const second = await openPanel(browser.context, server.url);

    await makesCard(page, "broken");
    await makesStick(page, "good", "ext4");
    await plugsInStick(page);
    await page.bringToFront();
    await entersRescue(page);
    await choosesMode(page, 4);
    await second.page.locator("#modes .mode:nth-child(4)[aria-current]").waitFor({ timeout: 2000 });

    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "running" }).waitFor({ timeout: bootPatience });
    const events = await timelineTable(page);
    for (const mode of [1, 2, 3, 4]) {
        assert.match(events, new RegExp(`announces mode ${mode}|do mode ${mode}`, "i"), `mode ${mode} stands in the table`);
    }

    await page.reload();
    await page.locator("#link[data-link=open]").waitFor();
    assert.match(await timelineTable(page), /announces mode 1|do mode 1/i, "what was before the reload is still known");
    assert.equal(await page.locator("#hold").getAttribute("aria-pressed"), "false");

    await Promise.all([
        seesOnConsole(page, "mox login:", flashPatience),
        seesOnConsole(second.page, "mox login:", flashPatience),
    ]);
    const meaning = await page.locator("#meaning").textContent();
    assert.equal(await second.page.locator("#meaning").textContent(), meaning);
    assert.ok((await consoleText(page)).includes("mox login:"));

    await page.locator("#power", { hasText: "Pull the plug" }).click();
    await page.locator("#look .version", { hasText: "9.9.9" }).waitFor({ timeout: bootPatience });
    assert.match(await page.locator("#look").textContent(), /@factory/);
    assert.deepEqual([...mistakes, ...second.mistakes], []);
});

test("a medkit signed by a stranger is refused: the LED shows code 2, the page says why", async () => {
    const { page } = await openPanel(browser.context, server.url);
    await page.locator("#stick-in", { hasText: "Pull out" }).click();
    await page.locator("#router:not([data-stick=in])").waitFor();
    await makesStick(page, "stranger");
    await plugsInStick(page);
    await entersRescue(page);
    await choosesMode(page, 4);
    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "failed" }).waitFor({ timeout: flashPatience });
    assert.match(await page.locator("#phase-word").textContent(), /code 2/);
    assert.notEqual(await page.locator("#hint").textContent(), "");
    await page.locator("#power", { hasText: "Pull the plug" }).click();
    await page.locator("#router[data-power=false]").waitFor();
});

/** The timeline's table, as it is read aloud. */
async function timelineTable(page) {
    if ((await page.locator("#table-details").getAttribute("open")) === null) await page.locator("#table-details summary").click();
    await page.locator("#rows tr").first().waitFor();
    return (await page.locator("#rows").allInnerTexts()).join("\n");
}
