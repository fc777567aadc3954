import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import assert from "node:assert/strict";

const folder = process.env.MOX_PICTURES;

/** A picture of what the window shows, for README.md and docs/; taken only where MOX_PICTURES names a folder for it. */
export async function takesPicture(page, name, of = "#now") {
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await page.bringToFront();
    await page.mouse.move(0, 0);
    // As far down as it goes, but not beneath the head of the page.
    await page.locator(of).evaluate((part) => {
        if (part.id === "now") scrollTo(0, 0);
        else part.scrollIntoView({ block: "start" });
    });
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    assert.ok((await stat(path)).size > 20_000, path);
}
