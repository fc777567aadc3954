// Where the hand is: the space bar after a click, notices beside the control, a file that no stick can hold, a stick that
// could not be made, a phone that lies, a window that changes its size. The router has no power.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { assertAccessible } from "./support/accessible.mjs";
import { openBrowser, openPanel } from "./support/browser.mjs";
import { PanelServer } from "./support/panel_server.mjs";
import { bootPatience, makesStick, plugsInStick } from "./support/person.mjs";

let server;
let browser;
let page;
let mistakes;

before(async () => {
    server = await PanelServer.start();
});
beforeEach(async () => {
    browser = await openBrowser();
    ({ page, mistakes } = await openPanel(browser.context, server.url));
    await page.locator("#card-content", { hasText: /In the slot|Beside|no card/ }).waitFor({ timeout: bootPatience });
});
afterEach(async () => {
    await browser?.close();
});
after(async () => {
    await server?.stop();
});

/** Whether the router's button goes down and up with the space bar. */
async function spaceIsTheButton() {
    await page.keyboard.down("Space");
    await page.locator("#router[data-down=true]").waitFor({ timeout: 20_000 });
    await page.keyboard.up("Space");
    await page.locator("#router[data-down=false]").waitFor({ timeout: 20_000 });
}

test("Space is the router's button wherever one has clicked", async () => {
    for (const id of ["cable", "fault-cable", "zoom-in", "follow", "reader-mode", "scope", "stick-kind", "card-kind", "card-make", "look-button"]) {
        const control = id === "cable" ? page.locator("#router [data-part=cable] .boot") : page.locator(`#${id}`);
        await control.click();
        // A list that has opened takes the next key: choosing ends that.
        if (id.endsWith("-kind")) await page.keyboard.press("Escape");
        if (id === "card-make") await page.locator("#card-content", { hasText: "In the slot" }).waitFor({ timeout: bootPatience });
        const text = await page.locator("#table-details").getAttribute("open");
        await spaceIsTheButton();
        assert.equal(await page.locator("#table-details").getAttribute("open"), text);
    }
    await page.locator("#table-details summary").click();
    await spaceIsTheButton();
    assert.notEqual(await page.locator("#table-details").getAttribute("open"), null, "it was opened by the click, not closed by Space");
    await page.locator("a.skip").focus();
    await spaceIsTheButton();
    const pressed = await page.locator("#follow").getAttribute("aria-pressed");
    await page.locator("#follow").click();
    await spaceIsTheButton();
    assert.notEqual(await page.locator("#follow").getAttribute("aria-pressed"), pressed, "one click is one click");
    assert.deepEqual(mistakes, []);
});

test("Space is typed where something is typed, and is for the control that Tab has led to", async () => {
    await page.locator("#terminal").click();
    await page.keyboard.press("Space");
    await page.waitForTimeout(300);
    assert.equal(await page.locator("#router").getAttribute("data-down"), "false");
    assert.match(await page.locator(".console .notice").textContent(), /no power/, "the router without power was typed at");
    await page.locator("#zoom-out").focus();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "zoom-in");
    const before = await page.locator("#span-text").textContent();
    await page.keyboard.press("Space");
    await page.waitForFunction((old) => document.getElementById("span-text").textContent !== old, before);
    assert.equal(await page.locator("#router").getAttribute("data-down"), "false");
});

test("a notice stands beside the control that it is about, and goes when one tries again", async () => {
    await page.locator("#stick-kind").selectOption("files");
    await page.locator("#stick-make").click();
    const notice = page.locator("section[aria-labelledby=stick-title] .notice");
    await notice.waitFor();
    assert.match(await notice.textContent(), /no files/);
    assert.ok(await inWindow(notice), "it is seen without scrolling");
    await assertAccessible(page, "a notice beside the stick");
    await makesStick(page, "good");
    assert.equal(await page.locator(".notice").count(), 0);
});

test("a file that FAT32 cannot hold is told before a byte of it is sent", async () => {
    const sent = [];
    page.on("request", (request) => {
        if (request.method() === "PUT") sent.push(decodeURIComponent(request.url().split("/").at(-1)));
    });
    const names = ["mox:medkit.tar.gz", "what?.tar", "medkit.", "medkit ", "nul.tar.gz", `${"\u{1f600}".repeat(128)}.tar`];
    for (const name of names) {
        await drops(name);
        const notice = page.locator("#drop .notice", { hasText: "FAT32" });
        await notice.waitFor();
        assert.ok((await notice.textContent()).includes(name), name);
        assert.ok(await inWindow(notice), `the notice about ${name} is seen`);
        await page.locator("#drop").getByRole("button", { name: "Dismiss" }).click();
    }
    assert.deepEqual(sent, []);
    await drops("Good.tar");
    await page.getByRole("button", { name: "Remove Good.tar" }).waitFor();
    await drops("good.TAR");
    await page.locator("#drop .notice", { hasText: "upper and lower case" }).waitFor();
    assert.deepEqual(sent, ["Good.tar"]);
    const answer = await page.evaluate(async () => {
        const put = await fetch("files/a%3Ab", { method: "PUT", body: "x" });
        return { status: put.status, text: await put.text() };
    });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /FAT32 cannot hold "a:b"/);
    await page.getByRole("button", { name: "Remove Good.tar" }).click();
});

test("a stick that could not be made leaves none to plug in", async () => {
    await makesStick(page, "good");
    const { rename } = await import("node:fs/promises");
    // More than the stick can be: a file that is not there any more.
    await drops("gone.tar");
    await page.getByRole("button", { name: "Remove gone.tar" }).waitFor();
    const folder = await uploadsFolder();
    await rename(folder, `${folder}-away`);
    try {
        await page.locator("#stick-kind").selectOption("files");
        await page.locator("#stick-make").click();
        await page.locator("#stick-content", { hasText: "could not be made" }).waitFor({ timeout: bootPatience });
    } finally {
        await rename(`${folder}-away`, folder);
    }
    assert.equal(await page.locator("#stick-in").isDisabled(), true);
    assert.equal(await page.locator("#router").getAttribute("data-stick"), "none");
    await page.locator("section[aria-labelledby=stick-title] .notice").waitFor();
    await page.getByRole("button", { name: "Remove gone.tar" }).click();
    await makesStick(page, "good");
    await plugsInStick(page);
    await page.locator("#stick-in").click();
    await page.locator("#router[data-stick=out]").waitFor();
});

test("a phone that lies shows LED and button without scrolling", async () => {
    for (const [width, height] of [[932, 430], [844, 390], [740, 360], [667, 375], [568, 320]]) {
        await page.setViewportSize({ width, height });
        await page.evaluate(() => scrollTo(0, 0));
        for (const part of ["#led", "#lamp", "#press", "#router [data-part=button] .cap", "#meaning"])
            assert.ok(await inWindow(page.locator(part)), `${part} at ${width} x ${height}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} px wide at ${width}`);
    }
    await assertAccessible(page, "on a phone that lies");
});

test("the chart follows the window's size, wherever the page is scrolled to", async () => {
    for (const width of [1360, 700, 1000, 360, 320, 1200]) {
        await page.setViewportSize({ width, height: 800 });
        await page.waitForFunction(() => {
            const chart = document.querySelector("#scope svg");
            const drawn = chart.viewBox.baseVal.width;
            return Math.abs(drawn - chart.getBoundingClientRect().width) < 1;
        }, undefined, { timeout: 10_000 });
    }
});

/** Whether it is seen as a whole, but for a fraction of a pixel, once the page has stopped scrolling. */
async function inWindow(locator) {
    const { width, height } = page.viewportSize();
    let box = null;
    for (let tries = 0; tries < 100; ++tries) {
        box = await locator.boundingBox();
        if (box !== null && box.y >= 0 && box.x >= 0 && box.y + box.height <= height + 1 && box.x + box.width <= width + 1) return true;
        await page.waitForTimeout(50);
    }
    console.log(`in a window of ${width} x ${height}: ${JSON.stringify(box)}`);
    return false;
}

async function drops(name) {
    const dataTransfer = await page.evaluateHandle((given) => {
        const carried = new DataTransfer();
        carried.items.add(new File(["x"], given));
        return carried;
    }, name);
    await page.locator("#drop").dispatchEvent("drop", { dataTransfer });
}

/** The server's folder for what was uploaded. */
async function uploadsFolder() {
    const { readdir } = await import("node:fs/promises");
    const { join } = await import("node:path");
    for (const entry of await readdir(server.folder, { recursive: true }))
        if (entry.endsWith("gone.tar")) return join(server.folder, entry, "..");
    throw new Error("where are the uploads?");
}
