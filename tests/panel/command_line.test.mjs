// What virtual-mox-panel says before there is a page: its options, and what to do when something is missing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { program } from "./support/panel_server.mjs";

const usage = 64;
const wrong = 5;
let folder;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), "mox-panel-"));
    for (const name of ["built", "page"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "page/index.html"), "<!doctype html>");
});
after(() => rm(folder, { recursive: true, force: true }));

/** In a folder in which nothing has been built. */
const run = (...options) => spawnSync(program, options, { cwd: folder, encoding: "utf8", timeout: 20_000 });

test("--help tells every option", () => {
    const { status, stdout } = run("--help");
    assert.equal(status, 0);
    for (const option of ["--built", "--folder", "--port", "--page", "--token"]) assert.match(stdout, new RegExp(option));
});

test("a token that is none is refused", () => {
    const { status, stderr } = run("--token", "0123456789abcdef0123456789abcdeg");
    assert.equal(status, usage);
    assert.match(stderr, /--token: must be 32 hexadecimal digits/);
});

test("a port that is none is refused", () => {
    assert.equal(run("--port", "65536").status, usage);
});

test("a folder that is not there is named", () => {
    const { status, stderr } = run("--built", join(folder, "nowhere"));
    assert.equal(status, usage);
    assert.match(stderr, /--built: .*nowhere/);
});

test("who has not built the page is told to", () => {
    const { status, stderr } = run("--built", "built");
    assert.equal(status, wrong);
    assert.match(stderr, /no page in build\/panel: run make panel/);
});

test("who has not built the board is told what is missing, and how to build it", () => {
    const { status, stderr } = run("--built", "built", "--page", "page");
    assert.equal(status, wrong);
    assert.match(stderr, /is missing.*make board/);
});
