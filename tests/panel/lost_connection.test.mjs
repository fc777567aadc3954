// The panel dies and comes back: the page says so, and finds it again.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience } from "./support/person.mjs";

const backPatience = 120_000;

test("a page whose server is gone says so, refuses what it cannot do, and recovers by itself", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mox-panel-"));
    let server = await PanelServer.start({ folder });
    const { url, port, token } = server;
    const browser = await openBrowser();
    try {
        const { page } = await openPanel(browser.context, url);
        assert.equal(await page.locator("#lost").isVisible(), false);

        await server.kill();
        await page.locator("#lost", { hasText: "lost" }).waitFor({ timeout: backPatience });
        await page.locator("#hold").click();
        await page.locator(".notice", { hasText: "no connection" }).waitFor();
        assert.equal(await page.locator("#hold").getAttribute("aria-pressed"), "false", "nothing is shown as done that was not");

        server = await PanelServer.start({ folder, port, token });
        assert.equal(server.url, url);
        await page.locator("#link[data-link=open]").waitFor({ timeout: backPatience });
        assert.equal(await page.locator("#lost").isVisible(), false);
        await page.locator("#hold").click();
        await page.locator("#router[data-down=true][data-locked=true]").waitFor();
    } finally {
        await browser.close();
        await server.stop();
        await rm(folder, { recursive: true, force: true });
    }
});

test("a button that a page holds is let go when the page goes away, a locked one is not", async () => {
    const server = await PanelServer.start();
    const browser = await openBrowser();
    try {
        const first = (await openPanel(browser.context, server.url)).page;
        const second = (await openPanel(browser.context, server.url)).page;
        await first.bringToFront();
        await first.locator("#press").hover();
        await first.mouse.down();
        await second.locator("#router[data-down=true]").waitFor();
        await first.close();
        await second.locator("#router[data-down=false]").waitFor();

        const third = (await openPanel(browser.context, server.url)).page;
        await third.locator("#hold").click();
        await second.locator("#router[data-down=true][data-locked=true]").waitFor();
        await third.close();
        const fourth = (await openPanel(browser.context, server.url)).page;
        await fourth.locator("#router[data-down=true][data-locked=true]").waitFor();
    } finally {
        await browser.close();
        await server.stop();
    }
});

test("Ctrl-C ends the panel and its router, and the page says so", async () => {
    const server = await PanelServer.start();
    const browser = await openBrowser();
    try {
        const { page } = await openPanel(browser.context, server.url);
        await page.locator("#power", { hasText: "Plug in" }).click();
        await page.locator("#router[data-power=true][data-lit=true]").waitFor({ timeout: bootPatience });
        const router = await server.children();
        assert.equal(router.length, 1);
        assert.equal(await server.stop("SIGINT"), 0);
        assert.throws(() => process.kill(router[0], 0), { code: "ESRCH" });
        await page.locator("#lost", { hasText: "lost" }).waitFor({ timeout: backPatience });
    } finally {
        await browser.close();
        await server.stop();
    }
});
