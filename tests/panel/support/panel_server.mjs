import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const program = process.env.VIRTUAL_MOX_PANEL ?? join(root, "build/release/tools/panel/server/virtual-mox-panel");
/** What a virtual MOX boots, and the demo's medkit. */
export const built = process.env.MOX_BUILT_FOLDER ?? join(root, "build/board");
const page = process.env.MOX_PANEL_PAGE ?? join(root, "build/panel");

/** Making the demo's card and stick takes a while on a busy machine. */
const startPatience = 120_000;
const endPatience = 60_000;

/** `virtual-mox-panel` with a folder of its own, from its start to its end. */
export class PanelServer {
    #child;
    #said = "";

    /** Starts it. `port` and `token`: those of one that has ended, so that its pages come back. */
    static async start({ folder, port = 0, token } = {}) {
        const server = new PanelServer();
        server.ownsFolder = folder === undefined;
        server.folder = folder ?? (await mkdtemp(join(tmpdir(), "mox-panel-")));
        const options = ["--built", built, "--folder", server.folder, "--port", String(port), "--page", page];
        if (token) options.push("--token", token);
        server.#child = spawn(program, options, { stdio: ["ignore", "pipe", "pipe"] });
        server.ended = new Promise((resolve) => server.#child.on("close", (code, signal) => resolve(signal ?? code)));
        server.url = await server.#address();
        return server;
    }

    /** Process numbers of the programs that it has started and that are still running: a router with power is one. */
    async children() {
        const list = await readFile(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8");
        return list.split(" ").filter(Boolean).map(Number);
    }

    get port() {
        return Number(new URL(this.url).port);
    }

    get token() {
        return new URL(this.url).pathname.split("/")[1];
    }

    /** Ends it; answers its exit status. The folder stays for whoever has given it. */
    async stop(signal = "SIGTERM") {
        if (this.#child.exitCode === null && this.#child.signalCode === null) {
            this.#child.kill(signal);
            const late = setTimeout(() => this.#child.kill("SIGKILL"), endPatience);
            await this.ended;
            clearTimeout(late);
        }
        if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true });
        return this.ended;
    }

    /** As a crash does it: nobody says goodbye. */
    async kill() {
        this.#child.kill("SIGKILL");
        await this.ended;
    }

    #address() {
        return new Promise((resolve, reject) => {
            const fail = (why) => {
                clearTimeout(late);
                reject(new Error(`virtual-mox-panel ${why}. It said:\n${this.#said}`));
            };
            const late = setTimeout(() => fail("has not told its address in time"), startPatience);
            const listen = (data) => {
                this.#said += data;
                const address = /^\s*(http:\/\/\S+\/[0-9a-f]{32}\/)\s*$/m.exec(this.#said);
                if (!address) return;
                clearTimeout(late);
                resolve(address[1]);
            };
            this.#child.stdout.on("data", listen);
            this.#child.stderr.on("data", listen);
            this.#child.on("error", (error) => fail(`could not be started: ${error.message}`));
            this.ended.then((how) => fail(`ended with ${how}`));
        });
    }
}
