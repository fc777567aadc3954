/** How long to wait before each try to connect again: longer each time, a little different on each page. */
export class BackOff {
    private tries = 0;

    constructor(
        private readonly first = 250,
        private readonly longest = 5000,
        private readonly random: () => number = Math.random,
    ) {}

    /** Milliseconds until the next try. */
    next(): number {
        const delay = Math.min(this.longest, this.first * 2 ** this.tries);
        this.tries += 1;
        return Math.round(delay * (0.8 + 0.4 * this.random()));
    }

    /** The connection works: the next loss starts with the shortest wait. */
    succeeded(): void {
        this.tries = 0;
    }
}
