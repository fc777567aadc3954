// What somebody does who sits in front of the page: looks at what it shows, and acts on it.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** A boot takes five seconds on an idle computer; this is ten times as much, and more. */
export const bootPatience = 300_000;
export const flashPatience = 600_000;
const pressLength = 200;

/** A short press of the space bar. */
export async function pressesSpace(page) {
    await page.keyboard.down("Space");
    await page.locator("#router[data-down=true]").waitFor();
    await page.waitForTimeout(pressLength);
    await page.keyboard.up("Space");
    await page.locator("#router[data-down=false]").waitFor();
}

/** Waits until the page says that this mode is announced. */
export async function seesAnnouncement(page, mode, patience = bootPatience) {
    await page.locator(`#modes .mode:nth-child(${mode})[aria-current]:has-text("announced")`).waitFor({ timeout: patience });
}

/** Holds the button, plugs in, and lets go when the boot loader has put the LED out. */
export async function entersRescue(page) {
    await page.getByRole("button", { name: "Keep it held" }).click();
    await page.locator("#hold[aria-pressed=true]").waitFor();
    await page.getByRole("button", { name: "Plug in", exact: true }).first().click();
    await page.locator("#router[data-power=true][data-lit=true]").waitFor({ timeout: bootPatience });
    await page.locator("#router[data-lit=false]").waitFor({ timeout: bootPatience });
    await page.getByRole("button", { name: "Keep it held" }).click();
    await page.locator("#hold[aria-pressed=false]").waitFor();
}

/** A short press with the mouse, at the router's own button in the picture. */
export async function pressesButton(page) {
    await page.locator("#router [data-part=button]").scrollIntoViewIfNeeded();
    await page.locator("#router [data-part=button] .cap").hover();
    await page.mouse.down();
    await page.locator("#router[data-down=true]").waitFor();
    await page.waitForTimeout(pressLength);
    await page.mouse.up();
    await page.locator("#router[data-down=false]").waitFor();
}

/** Presses at each announcement until `mode` is the one that is announced. */
export async function choosesMode(page, mode, presses = pressesButton) {
    for (let announced = 1; announced < mode; ++announced) {
        await seesAnnouncement(page, announced);
        await presses(page);
    }
    await seesAnnouncement(page, mode);
}

/** All that stands on the serial console's screen. */
export async function consoleText(page) {
    const lines = await page.locator("#terminal .xterm-rows > div").allTextContents();
    return lines.map((line) => line.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

/** Waits until the console's screen shows `text`. It is written only while it can be seen. */
export async function seesOnConsole(page, text, patience = bootPatience) {
    await page.locator("#terminal").scrollIntoViewIfNeeded();
    await page.locator("#terminal .xterm-rows", { hasText: text }).waitFor({ timeout: patience });
}

/** Types at the console, with a return at the end. */
export async function types(page, line) {
    await page.locator("#terminal textarea").focus();
    await page.keyboard.type(`${line}\n`);
}

/** Plugs a stick in by the page's button. */
export async function plugsInStick(page) {
    await page.locator("#stick-in", { hasText: "Plug in" }).click();
    await page.locator("#router[data-stick=in]").waitFor();
}

/** A new stick as the form makes it. */
export async function makesStick(page, kind, fileSystem = "fat32") {
    await page.locator("#stick-kind").selectOption(kind);
    await page.locator("#stick-filesystem").selectOption(fileSystem);
    await page.locator("#stick-make").click();
    await page.locator("#stick-content", { hasText: "Beside the router" }).waitFor({ timeout: bootPatience });
}

/** A new card as the form makes it, put in. */
export async function makesCard(page, kind) {
    await page.locator("#card-kind").selectOption(kind);
    await page.locator("#card-make").click();
    await page.locator("#card-content", { hasText: "being made" }).waitFor();
    await page.locator("#card-content", { hasText: "In the slot" }).waitFor({ timeout: bootPatience });
}

/** Drags files from the desktop and drops them on the field for them. */
export async function dropsFiles(page, paths) {
    const files = await Promise.all(paths.map(async (path) => ({ name: basename(path), content: (await readFile(path)).toString("base64") })));
    const dataTransfer = await page.evaluateHandle((dropped) => {
        const carried = new DataTransfer();
        for (const { name, content } of dropped) {
            carried.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name));
        }
        return carried;
    }, files);
    await page.locator("#drop").dispatchEvent("drop", { dataTransfer });
    for (const { name } of files) await page.getByRole("button", { name: `Remove ${name}`, exact: true }).waitFor({ timeout: bootPatience });
}

/** Presses a button that saves a file; answers the file's name and text. */
export async function saves(page, button) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(button).click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/** The timeline's table, as it is read aloud. */
export async function timelineTable(page) {
    if ((await page.locator("#table-details").getAttribute("open")) === null) await page.locator("#table-details summary").click();
    await page.locator("#rows tr").first().waitFor();
    return (await page.locator("#rows").allInnerTexts()).join("\n");
}

/** Pulls the plug by the button beside the router's. */
export async function pullsPlug(page) {
    await page.locator("#power", { hasText: "Pull the plug" }).click();
    await page.locator("#router[data-power=false]").waitFor();
}
