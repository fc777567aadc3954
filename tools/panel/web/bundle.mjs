// Bundles the page into a directory: node bundle.mjs FOLDER, or its unit tests: node bundle.mjs --tests FOLDER.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const tests = process.argv[2] === "--tests";
const folder = process.argv[tests ? 3 : 2];
if (!folder) throw new Error("bundle.mjs: into which folder?");
await mkdir(folder, { recursive: true });

if (tests) {
    const files = (await readdir("tests")).filter((name) => name.endsWith(".test.ts"));
    await build({
        entryPoints: files.map((name) => join("tests", name)),
        bundle: true,
        platform: "node",
        format: "esm",
        outExtension: { ".js": ".mjs" },
        outdir: folder,
        sourcemap: "inline",
        logLevel: "warning",
    });
} else {
    await build({
        entryPoints: { panel: "src/panel.ts" },
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        outdir: folder,
        legalComments: "linked",
        logLevel: "warning",
    });
    await build({
        entryPoints: { panel: "styles/panel.css" },
        bundle: true,
        minify: true,
        outdir: folder,
        logLevel: "warning",
    });
    // The picture is inside the page, so that styles and scripts reach the router's parts.
    const [page, router] = await Promise.all(["index.html", "router.svg"].map((name) => readFile(name, "utf8")));
    await writeFile(join(folder, "index.html"), page.replace("<!--ROUTER-->", () => router));
    await copyFile("icon.svg", join(folder, "icon.svg"));
}
