import type { Command } from "../protocol/messages";

interface Waiting {
    resolve: () => void;
    reject: (why: Error) => void;
}

/** Commands without an answer yet: each has a number, and gets an answer or an error. */
export class PendingRequests {
    private lastId = 0;
    private readonly waiting = new Map<number, Waiting>();

    /** Returns the text of the message, and a promise for the answer. */
    issue(command: Command): { text: string; answer: Promise<void> } {
        this.lastId += 1;
        const id = this.lastId;
        const answer = new Promise<void>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
        return { text: JSON.stringify({ ...command, id }), answer };
    }

    done(id: number): void {
        this.take(id)?.resolve();
    }

    /** False: no command has this number, so the caller must show the error. */
    failed(id: number, why: string): boolean {
        const waiting = this.take(id);
        waiting?.reject(new Error(why));
        return waiting !== undefined;
    }

    /** The connection is lost: rejects all commands without an answer. */
    lost(): void {
        for (const waiting of this.waiting.values()) {
            waiting.reject(new Error("The connection was lost before the board answered."));
        }
        this.waiting.clear();
    }

    private take(id: number): Waiting | undefined {
        const waiting = this.waiting.get(id);
        this.waiting.delete(id);
        return waiting;
    }
}
