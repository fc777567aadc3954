// What a server tells and what the page shows of it, taken at one moment, with a socket of the test's own in the page.

/** Looks at a board beside the page. */
export class BoardWitness {
    #page;

    static async on(page) {
        const witness = new BoardWitness();
        witness.#page = page;
        await page.evaluate(async () => {
            const seen = { state: null, console: "", start: 0, open: "", phases: new Set(), answers: new Map(), id: 1000 };
            window.witness = seen;
            const socket = new WebSocket(new URL("board", document.baseURI).href.replace("http", "ws"));
            socket.binaryType = "arraybuffer";
            seen.socket = socket;
            const note = (message) => {
                if (message.type === "state") {
                    seen.state = message;
                    seen.phases.add(message.phase);
                }
                if (message.type === "reading") seen.open = message.goes_on ? message.sign : "";
                // A start: what the console told before does not count any more.
                if (message.type === "event" && ["power_on", "power_off", "reset"].includes(message.what)) seen.console = "";
                if (message.type === "done" || message.type === "failed") seen.answers.get(message.id)?.(message);
            };
            socket.onmessage = ({ data }) => {
                if (typeof data === "string") note(JSON.parse(data));
                else seen.console += new TextDecoder().decode(new Uint8Array(data, 8));
            };
            await new Promise((resolve) => (socket.onopen = resolve));
            while (!seen.state) await new Promise((resolve) => setTimeout(resolve, 20));
        });
        return witness;
    }

    /** Orders something, and answers "" or why it was refused. */
    order(command) {
        return this.#page.evaluate(async (wanted) => {
            const { witness } = window;
            const id = ++witness.id;
            const answer = new Promise((resolve) => witness.answers.set(id, resolve));
            witness.socket.send(JSON.stringify({ ...wanted, id }));
            return (await answer).why ?? "";
        }, command);
    }

    types(text) {
        return this.#page.evaluate((typed) => window.witness.socket.send(new TextEncoder().encode(typed)), text);
    }

    state() {
        return this.#page.evaluate(() => window.witness.state);
    }

    console() {
        return this.#page.evaluate(() => window.witness.console);
    }

    phases() {
        return this.#page.evaluate(() => [...window.witness.phases]);
    }

    /**
     * The server's last state, the console since the last start, and the page: when both sockets have the same state. The
     * page has a socket of its own, so that one of them may be a message behind.
     */
    both() {
        return this.#page.evaluate(async () => {
            const word = (id) => document.getElementById(id).textContent.replaceAll("\u2011", "-");
            const router = document.getElementById("router");
            const shown = () => ({
                meaning: word("meaning"),
                hint: document.getElementById("hint").textContent,
                doing: word("phase-word"),
                lit: router.dataset.lit === "true",
                progress: !document.getElementById("progress").hidden,
                card: router.dataset.card,
                stick: router.dataset.stick,
                cable: router.dataset.cable === "true",
            });
            const { witness } = window;
            const agrees = () => {
                const page = shown();
                const { state } = witness;
                return (
                    page.meaning.toLowerCase() === state.meaning.toLowerCase() && page.hint === state.hint &&
                    page.doing === state.doing && page.progress === (state.progress !== null) && page.cable === state.cable
                );
            };
            for (let tries = 0; tries < 100 && !agrees(); ++tries) await new Promise((resolve) => setTimeout(resolve, 20));
            return { state: witness.state, text: witness.console, shown: shown(), open: witness.open };
        });
    }
}
