// The page for those who do not use a mouse, or do not see it. What axe says of it while things happen: show_me.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/accessible.mjs";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, choosesMode, flashPatience, pressesSpace, seesOnConsole } from "./support/person.mjs";

let server;

before(async () => {
    server = await PanelServer.start();
});

after(async () => {
    await server?.stop();
});

test("axe finds nothing to object to when something was refused", async () => {
    const browser = await openBrowser();
    try {
        const { page } = await openPanel(browser.context, server.url);
        await page.locator("#stick-kind").selectOption("files");
        await page.locator("#stick-make").click();
        await page.locator(".notice").waitFor();
        await assertAccessible(page, "the page with a notice");
        await page.getByRole("button", { name: "Dismiss" }).click();
        assert.equal(await page.locator(".notice").count(), 0);
    } finally {
        await browser.close();
    }
});

test("the whole sample scenario goes by the keyboard alone", async () => {
    const browser = await openBrowser();
    try {
        const { page, mistakes } = await openPanel(browser.context, server.url);
        await tabTo(page, "stick-in");
        await page.keyboard.press("Enter");
        await page.locator("#router[data-stick=in]").waitFor();
        await tabTo(page, "card-kind");
        await page.keyboard.press("ArrowDown");
        assert.equal(await page.locator("#card-kind").inputValue(), "broken");
        await tabTo(page, "card-make");
        await page.keyboard.press("Enter");
        await page.locator("#card-content", { hasText: "In the slot: broken system" }).waitFor({ timeout: bootPatience });

        await page.keyboard.press("h");
        await page.locator("#router[data-down=true][data-locked=true]").waitFor();
        await page.keyboard.press("p");
        await page.locator("#router[data-power=true][data-lit=true]").waitFor({ timeout: bootPatience });
        await page.locator("#router[data-lit=false]").waitFor({ timeout: bootPatience });
        await page.keyboard.press("h");
        await page.locator("#router[data-down=false]").waitFor();

        await tabTo(page, "press");
        await choosesMode(page, 4, pressesSpace);
        assert.match(await page.getByRole("status").allInnerTexts().then((texts) => texts.join("\n")), /mode 4/i);
        await seesOnConsole(page, "mox login:", flashPatience);

        await page.locator("#terminal textarea").focus();
        await page.keyboard.type("root\n");
        await seesOnConsole(page, "#");
        await page.keyboard.press("Tab");
        assert.ok(await page.evaluate(() => document.activeElement?.closest("#terminal") !== null), "Tab goes to the router");
        await page.keyboard.press("F6");
        assert.equal(await page.evaluate(() => document.activeElement?.id), "leave-console");
        await page.keyboard.press("p");
        await page.locator("#router[data-power=false]").waitFor();
        assert.deepEqual(mistakes, []);
    } finally {
        await browser.close();
    }
});

/** Tab by tab, as somebody without a mouse has to; the serial console keeps the Tab key, and F6 leads out of it. */
async function tabTo(page, id) {
    for (let tabs = 0; tabs < 100; ++tabs) {
        const place = await page.evaluate(() => ({
            id: document.activeElement?.id,
            inConsole: document.activeElement?.closest("#terminal") !== null,
        }));
        if (place.id === id) return;
        await page.keyboard.press(place.inConsole ? "F6" : "Tab");
    }
    assert.fail(`Tab does not lead to "${id}".`);
}
