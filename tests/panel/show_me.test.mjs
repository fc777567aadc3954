// "Show me" plays the manual's sample scenario on the board, and can be ended. While it plays, axe looks at the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/accessible.mjs";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, flashPatience, makesCard, pullsPlug, timelineTable } from "./support/person.mjs";

const looks = [
    ["by day", { scheme: "light" }],
    ["by night", { scheme: "dark" }],
    ["on a phone", { width: 360, height: 740 }],
    ["on a phone by night", { width: 360, height: 740, scheme: "dark" }],
];

const captions = [
    "A stick with a medkit is needed", "We hold the button and plug in", "The LED has gone off", "we count the blinks",
    "announces mode 1", "announces mode 2", "Let us say we missed it", "The last warning for mode 3", "the one that we want",
    "MOX executes mode 4", "starts the new system", "That was it",
];

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

test("the show presses by what the LED shows, and goes on to the login of the new system", async (playing) => {
    await makesCard(page, "old");
    await page.locator("#show-me").click();
    for (const [what, look] of looks) {
        await playing.test(`axe finds nothing to object to ${what}`, () => axeLooks(what, look));
    }
    await page.locator("#caption", { hasText: "That was it" }).waitFor({ timeout: flashPatience });
    await page.locator("#phase-word", { hasText: "the router is running" }).waitFor();

    const told = await timelineTable(page);
    let from = told.indexOf(captions[0], told.indexOf("card is put in: old system"));
    for (const caption of captions) {
        const place = told.indexOf(caption, from);
        assert.ok(place >= 0, `"${caption}" was said in its turn:\n${told}`);
        from = place;
    }
    const chosen = told.slice(told.indexOf("we count the blinks"));
    const presses = chosen.match(/Button\s+pressed for \d{3} ms/g) ?? [];
    assert.equal(presses.length, 3, `modes 1, 2 and 3 were objected to:\n${chosen}`);
    await page.locator("#caption").waitFor({ state: "hidden" });
    await pullsPlug(page);
    await page.locator("#look .version", { hasText: "9.9.9" }).waitFor({ timeout: bootPatience });
});

/** At the whole page, with all that can be opened; nothing may be wider than the window. */
async function axeLooks(what, look) {
    const visitor = await openBrowser(look);
    try {
        const { page: seen } = await openPanel(visitor.context, server.url);
        await seen.locator("#table-details summary").click();
        await seen.getByRole("button", { name: "Screen reader mode" }).click();
        await assertAccessible(seen, `the page ${what}`);
        await seen.getByRole("button", { name: "Keys" }).click();
        await assertAccessible(seen, `the dialog ${what}`);
        const { scroll, width } = await seen.evaluate(() => ({
            scroll: document.documentElement.scrollWidth,
            width: document.documentElement.clientWidth,
        }));
        assert.ok(scroll <= width, `the page is ${scroll} px wide, the window ${width}`);
    } finally {
        await visitor.close();
    }
}
