import { decodeMessage } from "../protocol/decode";
import type { Command, ServerMessage } from "../protocol/messages";
import { BackOff } from "./back_off";
import { PendingRequests } from "./pending_requests";

export interface Listener {
    /** `received` is the page's time (`performance.now()`), taken before anything else is done. */
    message(message: ServerMessage, received: number): void;
    console(bytes: ArrayBuffer): void;
    /** Lost, or never reached; the next try is in `retryIn` milliseconds. */
    lost(retryIn: number): void;
    /** A message arrived that is not valid. */
    onProtocolError(why: Error): void;
}

const pingEvery = 5000;
const livenessTimeout = 13000;
const longestTyping = 4096;
/** Pings after `hello`, one after another, so that the clocks are related exactly from the start. */
const pingsAtOnce = 4;

/** The WebSocket to the board: reconnects by itself, and detects when the other end does not answer. */
export class Connection {
    private socket: WebSocket | null = null;
    private isReady = false;
    private lastHeard = 0;
    private retryTimer = 0;
    private quickPings = 0;
    private readonly backOff = new BackOff();
    private readonly requests = new PendingRequests();

    constructor(
        private readonly address: string,
        private readonly listener: Listener,
    ) {
        window.setInterval(() => this.checkLiveness(), pingEvery);
        window.addEventListener("online", () => this.retryNow());
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") this.retryNow();
        });
        this.connect();
    }

    get isOpen(): boolean {
        return this.isReady;
    }

    /** Rejects with the server's reason, or because there is no connection. */
    send(command: Command): Promise<void> {
        if (!this.socket || !this.isReady) return Promise.reject(new Error("There is no connection to the board."));
        const { text, answer } = this.requests.issue(command);
        this.socket.send(text);
        return answer;
    }

    /** Bytes typed at the serial console. Without a connection they are lost, as on a cable that is not plugged. */
    type(bytes: Uint8Array): void {
        if (!this.socket || !this.isReady) return;
        for (let at = 0; at < bytes.length; at += longestTyping) {
            this.socket.send(bytes.slice(at, at + longestTyping));
        }
    }

    /** Does not wait for the next try. */
    retryNow(): void {
        if (this.socket) return;
        window.clearTimeout(this.retryTimer);
        this.connect();
    }

    private connect(): void {
        const socket = new WebSocket(this.address);
        socket.binaryType = "arraybuffer";
        this.socket = socket;
        this.lastHeard = performance.now();
        socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.onMessage(event.data);
        socket.onclose = () => {
            if (this.socket === socket) this.ended();
        };
    }

    private onMessage(data: string | ArrayBuffer): void {
        const received = performance.now();
        this.lastHeard = received;
        try {
            if (typeof data === "string") this.understand(decodeMessage(data), received);
            else this.listener.console(data);
        } catch (error) {
            this.listener.onProtocolError(error as Error);
        }
    }

    private understand(message: ServerMessage, received: number): void {
        if (message.type === "done") return this.requests.done(message.id);
        if (message.type === "failed") {
            if (!this.requests.failed(message.id, message.why)) this.listener.onProtocolError(new Error(message.why));
            return;
        }
        if (message.type === "hello") {
            this.isReady = true;
            this.backOff.succeeded();
            this.quickPings = pingsAtOnce;
        }
        this.listener.message(message, received);
        if (message.type === "pong") this.requests.done(message.id);
        if ((message.type === "hello" || message.type === "pong") && this.quickPings > 0) {
            this.quickPings -= 1;
            this.ping();
        }
    }

    private ping(): void {
        // A missing answer is detected by checkLiveness.
        this.send({ do: "ping", t: performance.now() }).catch(() => undefined);
    }

    private checkLiveness(): void {
        if (!this.socket) return;
        if (performance.now() - this.lastHeard < livenessTimeout) return this.isReady ? this.ping() : undefined;
        const dead = this.socket;
        this.ended();
        dead.close();
    }

    private ended(): void {
        this.socket = null;
        this.isReady = false;
        this.requests.lost();
        const delay = this.backOff.next();
        this.retryTimer = window.setTimeout(() => this.connect(), delay);
        this.listener.lost(delay);
    }
}
