import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

const patience = 240_000;

/** Chromium as Debian has it, with a fresh profile; `close` takes both away. */
export async function openBrowser({ width = 1360, height = 900, scheme = "light", scale = 1 } = {}) {
    const profile = await mkdtemp(join(tmpdir(), "mox-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: options,
        viewport: { width, height },
        colorScheme: scheme,
        deviceScaleFactor: scale,
        timeout: patience,
    });
    // Only to end a test that hangs: a busy computer takes its time over a page.
    context.setDefaultTimeout(patience);
    return {
        context,
        async close() {
            await context.close();
            await rm(profile, { recursive: true, force: true });
        },
    };
}

/** The panel in a tab of its own, and what goes wrong in the page's code, for the test to look at. */
export async function openPanel(context, url) {
    const page = await context.newPage();
    const mistakes = [];
    page.on("pageerror", (error) => mistakes.push(String(error)));
    page.on("console", (message) => {
        if (message.type() === "error") mistakes.push(message.text());
    });
    await page.goto(url);
    await page.locator("#link[data-link=open]").waitFor();
    return { page, mistakes };
}
