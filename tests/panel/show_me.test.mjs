// "Show me" plays the manual's sample scenario on the board, and can be ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, makesCard, timelineTable } from "./support/person.mjs";

let server;
let browser;
let page;

before(async () => {
    server = await PanelServer.start();
    browser = await openBrowser();
    ({ page } = await openPanel(browser.context, server.url));
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test("the show can be ended before the power comes, and nobody is left who holds the button", async () => {
    await page.locator("#show-me").click();
    await page.locator("#caption", { hasText: "We hold the button" }).waitFor({ timeout: bootPatience });
    await page.locator("#router[data-down=true]").waitFor();
    await page.getByRole("button", { name: "End the show" }).click();
    await page.locator("#router[data-down=false]").waitFor();
    await page.locator("#caption").waitFor({ state: "hidden" });
    assert.equal(await page.locator("#show-me").textContent(), "Show me");
    await page.locator("#router[data-power=false]").waitFor();
});

test("the show presses by what the LED shows until mode 4 runs; then somebody pulls the plug", async () => {
    await page.locator("#stick-in", { hasText: "Pull out" }).click();
    await makesCard(page, "old");
    await page.locator("#show-me").click();
    for (const caption of [
        "A stick with a medkit is needed", "We hold the button and plug in", "The LED has gone off", "we count the blinks", "announces mode 1",
        "announces mode 2", "Let us say we missed it", "The last warning for mode 3", "the one that we want", "MOX executes mode 4",
    ]) {
        await page.locator("#caption", { hasText: caption }).waitFor({ timeout: bootPatience });
    }
    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "running" }).waitFor({ timeout: bootPatience });
    const presses = (await timelineTable(page)).match(/Button\s+pressed for 2\d\d ms/g) ?? [];
    assert.equal(presses.length, 3, "modes 1, 2 and 3 were objected to");

    await page.locator("#fault-plug").click();
    await page.locator("#router[data-power=false]").waitFor();
    await page.locator("#caption").waitFor({ state: "hidden" });
    await page.locator("#look").getByText("@").first().waitFor({ timeout: bootPatience });
});
