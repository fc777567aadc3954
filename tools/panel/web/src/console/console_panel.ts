import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { byId, setPressed } from "../dom/elements";
import { ConsoleStream } from "../protocol/console_stream";
import { nightColours, dayColours } from "./colours";

const linesKept = 5000;

/** The router's serial console. */
export class ConsolePanel {
    private readonly stream = new ConsoleStream();
    private readonly place = byId("terminal");
    private readonly night = window.matchMedia("(prefers-color-scheme: dark)");
    private readonly terminal = new Terminal({
        cols: 80,
        rows: 24,
        convertEol: false,
        cursorBlink: false,
        fontFamily: '"DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace',
        fontSize: 13,
        minimumContrastRatio: 4.5,
        scrollback: linesKept,
        theme: this.night.matches ? nightColours : dayColours,
    });
    private readonly fit = new FitAddon();

    constructor(type: (bytes: Uint8Array) => void) {
        const letters = new TextEncoder();
        this.terminal.loadAddon(this.fit);
        this.terminal.open(this.place);
        this.terminal.onData((text) => type(letters.encode(text)));
        this.terminal.onBinary((text) => type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
        this.terminal.attachCustomKeyEventHandler((event) => this.belongsToRouter(event));
        new ResizeObserver(() => this.fit.fit()).observe(this.place);
        this.night.addEventListener("change", () => {
            this.terminal.options.theme = this.night.matches ? nightColours : dayColours;
        });
        const readerMode = byId("reader-mode");
        readerMode.addEventListener("click", () => {
            this.terminal.options.screenReaderMode = !this.terminal.options.screenReaderMode;
            setPressed(readerMode, this.terminal.options.screenReaderMode);
        });
        byId("clear-console").addEventListener("click", () => this.terminal.clear());
    }

    /** Clears the output: it is that of another server and board. */
    startAnew(): void {
        this.stream.startAnew();
        this.terminal.reset();
    }

    take(message: ArrayBuffer): void {
        const { missed, bytes } = this.stream.take(message);
        if (missed > 0 && this.terminal.buffer.active.length > 1) {
            this.terminal.write(`\r\n[${missed} bytes were not kept]\r\n`);
        }
        if (bytes.length > 0) this.terminal.write(bytes);
    }

    /** F6 leaves the console: keyboard users need it, because Tab goes to the router. */
    private belongsToRouter(event: KeyboardEvent): boolean {
        if (event.key !== "F6") return true;
        event.preventDefault();
        if (event.type === "keydown") byId("leave-console").focus();
        return false;
    }
}
