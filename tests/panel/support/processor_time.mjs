import { readFile } from "node:fs/promises";

const ticksPerSecond = 100;

/** Seconds of processor time that a process and its threads have used. */
async function secondsOf(pid) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name may hold blanks; what follows its bracket does not. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Processes of the whole browser, by Chromium's own account. */
async function processes(browser) {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    return processInfo.map(({ id, type }) => ({ pid: id, type }));
}

/** The part of a core that each kind of process uses within `seconds`: { renderer: 0.004, browser: 0.01, ... } */
export async function coreUse(page, seconds) {
    const list = await processes(page.context().browser() ?? page.context());
    const before = await Promise.all(list.map(({ pid }) => secondsOf(pid)));
    const began = performance.now();
    await page.waitForTimeout(seconds * 1000);
    const took = (performance.now() - began) / 1000;
    const after = await Promise.all(list.map(({ pid }) => secondsOf(pid)));
    const use = {};
    list.forEach(({ type }, index) => {
        use[type] = (use[type] ?? 0) + (after[index] - before[index]) / took;
    });
    return use;
}
