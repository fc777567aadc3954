import type { ServerTime } from "../protocol/messages";

interface Sample {
    offset: number;
    roundTrip: number;
}

const samplesKept = 8;

/**
 * Relates the server's clock, the page's (`performance.now()`) and the wall clock. The answer to a ping was
 * written between its sending and its arrival, so the quickest of the last few is the most exact.
 */
export class ClockRelation {
    private samples: Sample[] = [];
    private wallOffset = 0;

    /** `hello` has arrived at `received`: a first estimate, until the answer to a ping. */
    hello(now: ServerTime, wall: number, received: number): void {
        this.samples = [{ offset: now - received, roundTrip: Number.POSITIVE_INFINITY }];
        this.wallOffset = wall - now;
    }

    pong(sent: number, received: number, now: ServerTime): void {
        this.samples.push({ offset: now - (sent + received) / 2, roundTrip: received - sent });
        if (this.samples.length > samplesKept) this.samples.shift();
    }

    toServer(page: number): ServerTime {
        return page + this.best().offset;
    }

    toPage(server: ServerTime): number {
        return server - this.best().offset;
    }

    /** Milliseconds since 1970. */
    toWall(server: ServerTime): number {
        return server + this.wallOffset;
    }

    private best(): Sample {
        return this.samples.reduce((a, b) => (b.roundTrip <= a.roundTrip ? b : a), {
            offset: 0,
            roundTrip: Number.POSITIVE_INFINITY,
        });
    }
}
