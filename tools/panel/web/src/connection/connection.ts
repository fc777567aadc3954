import { decodeMessage } from "../protocol/decode";
import type { Command, ServerMessage } from "../protocol/messages";
import { BackOff } from "./back_off";
import { Orders } from "./orders";

export interface Listener {
    /** `received` is the page's time (`performance.now()`), taken before anything else is done. */
    message(message: ServerMessage, received: number): void;
    console(bytes: ArrayBuffer): void;
    /** Lost, or never reached; the next try is in `retryIn` milliseconds. */
    lost(retryIn: number): void;
    /** Something arrived that cannot be understood. */
    misunderstood(why: Error): void;
}

const pingEvery = 5000;
const silenceIsDeath = 13000;
const longestTyping = 4096;
/** After `hello`, one after the other, so that the clocks are related well from the start. */
const pingsAtOnce = 4;

/** The WebSocket to the board: comes back by itself, notices when the other end is dead. */
export class Connection {
    private socket: WebSocket | null = null;
    private greeted = false;
    private lastHeard = 0;
    private retryTimer = 0;
    private quickPings = 0;
    private readonly backOff = new BackOff();
    private readonly orders = new Orders();

    constructor(
        private readonly address: string,
        private readonly listener: Listener,
    ) {
        window.setInterval(() => this.feelPulse(), pingEvery);
        window.addEventListener("online", () => this.retryNow());
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") this.retryNow();
        });
        this.connect();
    }

    get isOpen(): boolean {
        return this.greeted;
    }

    /** Rejects with the server's reason, or because there is no connection. */
    send(command: Command): Promise<void> {
        if (!this.socket || !this.greeted) return Promise.reject(new Error("There is no connection to the board."));
        const { text, answer } = this.orders.issue(command);
        this.socket.send(text);
        return answer;
    }

    /** Bytes typed at the serial console. Without a connection they are lost, as on a cable that is not plugged. */
    type(bytes: Uint8Array): void {
        if (!this.socket || !this.greeted) return;
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
        socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.hear(event.data);
        socket.onclose = () => {
            if (this.socket === socket) this.ended();
        };
    }

    private hear(data: string | ArrayBuffer): void {
        const received = performance.now();
        this.lastHeard = received;
        try {
            if (typeof data === "string") this.understand(decodeMessage(data), received);
            else this.listener.console(data);
        } catch (error) {
            this.listener.misunderstood(error as Error);
        }
    }

    private understand(message: ServerMessage, received: number): void {
        if (message.type === "done") return this.orders.done(message.id);
        if (message.type === "failed") {
            if (!this.orders.failed(message.id, message.why)) this.listener.misunderstood(new Error(message.why));
            return;
        }
        if (message.type === "hello") {
            this.greeted = true;
            this.backOff.succeeded();
            this.quickPings = pingsAtOnce;
        }
        this.listener.message(message, received);
        if (message.type === "pong") this.orders.done(message.id);
        if ((message.type === "hello" || message.type === "pong") && this.quickPings > 0) {
            this.quickPings -= 1;
            this.ping();
        }
    }

    private ping(): void {
        // An answer that never comes is noticed by its silence.
        this.send({ do: "ping", t: performance.now() }).catch(() => undefined);
    }

    private feelPulse(): void {
        if (!this.socket) return;
        if (performance.now() - this.lastHeard < silenceIsDeath) return this.greeted ? this.ping() : undefined;
        const dead = this.socket;
        this.ended();
        dead.close();
    }

    private ended(): void {
        this.socket = null;
        this.greeted = false;
        this.orders.lost();
        const delay = this.backOff.next();
        this.retryTimer = window.setTimeout(() => this.connect(), delay);
        this.listener.lost(delay);
    }
}
