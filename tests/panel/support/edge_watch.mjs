// What a page shows of the LED, measured in the page: each change of the picture, and when it was on the screen.

/** From now on all changes of the LED's picture are counted, and the edges told by a socket of the test's own. */
export async function watchEdges(page) {
    await page.evaluate(async () => {
        const watch = { drawn: [], told: [], toPage: 0 };
        window.edgeWatch = watch;

        const socket = new WebSocket(new URL("board", document.baseURI).href.replace("http", "ws"));
        let answer;
        socket.onmessage = ({ data }) => {
            if (typeof data !== "string") return;
            const message = JSON.parse(data);
            if (message.type === "pong") answer(message);
            if (message.type === "edge" && message.what === "led") watch.told.push(message);
        };
        await new Promise((resolve) => (socket.onopen = resolve));
        // The quickest of twenty pings relates the clocks; its round trip is what that may be wrong by.
        let quickest = Number.POSITIVE_INFINITY;
        for (let id = 1; id <= 20; ++id) {
            const sent = performance.now();
            const pong = await new Promise((resolve) => {
                answer = resolve;
                socket.send(JSON.stringify({ do: "ping", id, t: sent }));
            });
            const received = performance.now();
            if (received - sent >= quickest) continue;
            quickest = received - sent;
            watch.toPage = (sent + received) / 2 - pong.now;
        }
        watch.told.length = 0;

        // After the frame that shows a change has been made, the next task runs: then the pixels are out.
        const frameDone = new MessageChannel();
        let waiting = [];
        frameDone.port1.onmessage = () => {
            const at = performance.now();
            for (const change of waiting) change.at = at;
            waiting = [];
        };
        new MutationObserver((changes) => {
            // The old value of each change, and of the last one the present value, tell what was drawn.
            changes.forEach((change, index) => {
                const next = changes[index + 1];
                const lit = next ? next.oldValue : change.target.getAttribute("data-lit");
                const drawn = { on: lit === "true", at: 0 };
                watch.drawn.push(drawn);
                waiting.push(drawn);
            });
            requestAnimationFrame(() => frameDone.port2.postMessage(0));
        }).observe(document.getElementById("router"), { attributeFilter: ["data-lit"], attributeOldValue: true });
    });
}

/** How many edges the test's own socket was told, how many the page has drawn, and how late each was on the screen. */
export async function edgesSeen(page) {
    return page.evaluate(() => {
        const { told, drawn, toPage } = window.edgeWatch;
        const lateness = drawn.flatMap(({ at }, index) => {
            const edge = told[index];
            return at > 0 && edge ? [at - (edge.at + toPage)] : [];
        });
        return { told: told.map(({ on }) => on), drawn: drawn.map(({ on }) => on), lateness };
    });
}

export function median(values) {
    return quantile(values, 0.5);
}

export function quantile(values, part) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
