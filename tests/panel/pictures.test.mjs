// The pictures of README.md and docs/panel.md, taken of a real rescue: MOX_PICTURES=docs/pictures names their folder.
import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, choosesMode, entersRescue, makesCard, makesStick, plugsInStick } from "./support/person.mjs";

const folder = process.env.MOX_PICTURES;
const skip = folder ? false : "MOX_PICTURES does not name a folder";

const looks = [
    { name: "panel-light", width: 1360, height: 1010, scheme: "light" },
    { name: "panel-dark", width: 1360, height: 1010, scheme: "dark" },
    { name: "panel-small", width: 390, height: 844, scheme: "light", scale: 2 },
];

let server;
const browsers = [];

before(async () => {
    if (skip) return;
    await mkdir(folder, { recursive: true });
    server = await PanelServer.start();
});

after(async () => {
    for (const browser of browsers) await browser.close();
    await server?.stop();
});

test("pictures of the panel while mode 4 is announced, by day, by night and on a phone", { skip }, async () => {
    const shown = [];
    for (const look of looks) {
        const browser = await openBrowser(look);
        browsers.push(browser);
        shown.push({ look, page: (await openPanel(browser.context, server.url)).page });
    }
    const { page } = shown[0];
    await makesCard(page, "broken");
    await makesStick(page, "good");
    await plugsInStick(page);
    await entersRescue(page);
    await choosesMode(page, 4);
    await page.locator("#modes .mode:nth-child(4) .badge", { hasText: "announced twice" }).waitFor({ timeout: bootPatience });
    for (const { look, page: shownPage } of shown) {
        await shownPage.evaluate(() => scrollTo(0, 0));
        await shownPage.mouse.move(0, 0);
        const path = join(folder, `${look.name}.png`);
        await shownPage.screenshot({ path });
        assert.ok((await stat(path)).size > 20_000, path);
    }
});

test("a picture of what is below: media and the serial console while mode 4 runs", { skip }, async () => {
    const page = browsers[0].context.pages().at(-1);
    await page.locator("#progress:not([hidden])").waitFor({ timeout: bootPatience });
    await page.locator("#media-title").evaluate((title) => title.closest("section").scrollIntoView());
    await page.screenshot({ path: join(folder, "panel-media.png") });
});
