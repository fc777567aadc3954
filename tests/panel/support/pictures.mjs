import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

const folder = process.env.MOX_PICTURES;

/** Whether MOX_PICTURES names a folder for them: a test run leaves the documentation's pictures alone. */
export const picturesAreWanted = Boolean(folder);

/** A picture of what the window shows, for README.md and docs/, if it is wanted. */
export async function takesPicture(page, name, of = "#now") {
    if (!picturesAreWanted) return;
    await mkdir(folder, { recursive: true });
    await page.bringToFront();
    await page.mouse.move(0, 0);
    await page.locator(of).evaluate((part) => {
        if (part.id === "now") scrollTo(0, 0);
        else part.scrollIntoView({ block: "start" });
    });
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    assert.ok((await stat(path)).size > 20_000, path);
}
