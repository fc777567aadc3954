import type { Command } from "../protocol/messages";

interface Waiting {
    resolve: () => void;
    reject: (why: Error) => void;
}

/** Commands on their way: each gets its number, and an answer or an end. */
export class Orders {
    private lastId = 0;
    private readonly waiting = new Map<number, Waiting>();

    /** The text of the message, and what becomes of the command. */
    issue(command: Command): { text: string; answer: Promise<void> } {
        this.lastId += 1;
        const id = this.lastId;
        const answer = new Promise<void>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
        return { text: JSON.stringify({ ...command, id }), answer };
    }

    done(id: number): void {
        this.take(id)?.resolve();
    }

    /** False: no command of ours has this number, so somebody else must tell the person. */
    failed(id: number, why: string): boolean {
        const waiting = this.take(id);
        waiting?.reject(new Error(why));
        return waiting !== undefined;
    }

    /** The connection is lost: nobody will answer what is still waiting. */
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
