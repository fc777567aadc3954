import type { Connection } from "../connection/connection";
import { byId, setPressed, setText } from "../dom/elements";
import type { Notices } from "../dom/notices";
import type { Command, State } from "../protocol/messages";
import { ButtonHold } from "./button_hold";

/** The length of a press by a click event alone, as some assistive tools send it. */
const clickLength = 200;

/** Power adapter and button: on the picture, as buttons, and by keys. */
export class Controls {
    private readonly press = byId<HTMLButtonElement>("press");
    private readonly hold = byId<HTMLButtonElement>("hold");
    private readonly power = byId<HTMLButtonElement>("power");
    private readonly begin = byId<HTMLButtonElement>("begin");
    private readonly letters = byId<HTMLInputElement>("letters");
    private readonly button: ButtonHold;
    private state: State | null = null;

    constructor(
        private readonly connection: Connection,
        private readonly notices: Notices,
    ) {
        this.button = new ButtonHold((down) => this.order({ do: "button", down, locked: false }));
        this.listenToPointer(this.press);
        this.listenToPointer(byId("router").querySelector<SVGElement>('[data-part="button"]')!);
        this.listenToKeys();
        this.hold.addEventListener("click", () => this.toggleHold());
        this.power.addEventListener("click", () => this.togglePower());
        this.begin.addEventListener("click", () => this.nextMove());
        const parts: { [part: string]: () => void } = {
            power: () => this.togglePower(),
            cable: () => this.state && this.order({ do: "cable", plugged: !this.state.cable }),
            stick: () => this.state && this.order({ do: "stick", in: !this.state.stick.in }),
            card: () => this.state && this.order({ do: "card", in: !this.state.card.in }),
        };
        for (const [part, act] of Object.entries(parts)) {
            byId("router").querySelector<SVGElement>(`[data-part="${part}"]`)!.addEventListener("click", act);
        }
        window.addEventListener("blur", () => this.button.letGo());
    }

    show(state: State): void {
        this.state = state;
        setPressed(this.hold, state.button.locked);
        setText(this.power, state.power ? "Pull the plug" : "Plug in");
        this.press.dataset["down"] = String(state.button.down);
        setText(this.begin, state.power ? "Let go of the button" : "Hold the button and plug in");
        this.begin.hidden = state.power && !state.button.locked;
    }

    /** The connection is lost: the button is no longer held. */
    lost(): void {
        this.button.forget();
    }

    private order(command: Command): void {
        this.connection.send(command).catch(this.notices.showError);
    }

    private toggleHold(): void {
        const down = !(this.state?.button.locked ?? false);
        this.order({ do: "button", down, locked: down });
    }

    private togglePower(): void {
        this.order({ do: "power", on: !(this.state?.power ?? false) });
    }

    /** The first step of a rescue, and the second one. */
    private nextMove(): void {
        if (!this.state) return;
        if (this.state.power) return this.order({ do: "button", down: false, locked: false });
        const held = this.connection.send({ do: "button", down: true, locked: true });
        held.then(() => this.connection.send({ do: "power", on: true })).catch(this.notices.showError);
    }

    private listenToPointer(element: HTMLElement | SVGElement): void {
        element.addEventListener("pointerdown", (event) => {
            const pointer = event as PointerEvent;
            if (pointer.button !== 0) return;
            element.setPointerCapture(pointer.pointerId);
            this.button.press("pointer");
        });
        for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
            element.addEventListener(end, () => this.button.release("pointer"));
        }
        // A long touch is a long press and must not open a menu.
        element.addEventListener("contextmenu", (event) => event.preventDefault());
    }

    private listenToKeys(): void {
        this.press.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            event.stopPropagation();
            if (!event.repeat) this.button.press("key");
        });
        this.press.addEventListener("keyup", (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            this.button.release("key");
        });
        this.press.addEventListener("blur", () => this.button.release("key"));
        this.press.addEventListener("click", (event) => {
            // Keys and pointers are handled above; a click without either comes from an assistive tool.
            if (event.detail !== 0) return;
            this.button.press("key");
            window.setTimeout(() => this.button.release("key"), clickLength);
        });
        document.addEventListener("keydown", (event) => this.anywhere(event));
        document.addEventListener("keyup", (event) => {
            if (event.key === " ") this.button.release("space");
        });
    }

    private anywhere(event: KeyboardEvent): void {
        if (!this.letters.checked || event.ctrlKey || event.altKey || event.metaKey) return;
        if (document.querySelector("dialog[open]") || takesKeys(event.target, event.key)) return;
        const key = event.key.toLowerCase();
        if (key !== " " && key !== "h" && key !== "p") return;
        event.preventDefault();
        if (event.repeat) return;
        if (key === " ") this.button.press("space");
        if (key === "h") this.toggleHold();
        if (key === "p") this.togglePower();
    }
}

/** Whether the focused element uses this key: to type, to choose, or to press another button. */
function takesKeys(target: EventTarget | null, key: string): boolean {
    if (!(target instanceof Element)) return false;
    if (target.closest("input, select, textarea, .console-frame")) return true;
    return key === " " && target.closest("button, summary, label, a, [role=region]") !== null;
}
