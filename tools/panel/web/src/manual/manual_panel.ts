import { byId, make, setText } from "../dom/elements";
import type { Mode, Phase, State } from "../protocol/messages";
import { modeTexts, modeTitles, stepOf, steps } from "./texts";

const badges: Partial<{ [phase in Phase]: string }> = {
    executing: "running",
    waiting_for_you: "waiting for you",
    failed: "failed",
    rebooting: "done",
};

/** The badge of the present mode. Before the first announcement of a mode it "comes next": a press has selected it. */
function badgeOf(state: State): string {
    if (state.phase !== "selecting") return badges[state.phase] ?? "";
    if (state.repetition === 0) return "comes next";
    return state.repetition === 1 ? "announced" : "announced twice";
}

/** The manual beside the router, with the present step marked. */
export class ManualPanel {
    private readonly stepItems = steps.map((text) => make("li", "", text));
    private readonly modeList = byId("modes");
    private modeItems: { number: number; item: HTMLElement; badge: HTMLElement }[] = [];
    private readonly showMe = byId<HTMLButtonElement>("show-me");
    private running = false;

    constructor(wantShow: (running: boolean) => void) {
        byId("steps").append(...this.stepItems);
        this.showMe.addEventListener("click", () => wantShow(!this.running));
        this.modes(Object.entries(modeTitles).map(([number, title]) => ({ number: Number(number), title })));
    }

    modes(modes: readonly Mode[]): void {
        this.modeItems = modes.map(({ number, title }) => {
            const item = make("li", "mode");
            const badge = make("span", "badge");
            const head = make("p", "mode-title", title.charAt(0).toUpperCase() + title.slice(1));
            head.append(badge);
            item.append(head, make("p", "mode-text", modeTexts[number] ?? ""));
            return { number, item, badge };
        });
        this.modeList.replaceChildren(...this.modeItems.map(({ item }) => item));
    }

    state(state: State): void {
        const current = stepOf(state.phase);
        this.stepItems.forEach((item, index) => mark(item, index === current));
        for (const { number, item, badge } of this.modeItems) {
            const isCurrent = number === state.mode;
            mark(item, isCurrent);
            setText(badge, isCurrent ? badgeOf(state) : "");
        }
        this.running = state.show_me.running;
        setText(this.showMe, this.running ? "End the show" : "Show me");
    }
}

function mark(item: HTMLElement, current: boolean): void {
    if (current) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
}
