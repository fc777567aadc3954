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
    /** The control that holds the button; null: the space bar, which is nowhere on the page. */
    private hand: Element | null = null;
    /** The user moves about by the Tab key: then Space is for what it has led to, as everywhere. */
    private isTabbing = false;

    constructor(
        private readonly connection: Connection,
        private readonly notices: Notices,
    ) {
        this.button = new ButtonHold((down) => this.order({ do: "button", down, locked: false }, this.hand));
        const picture = byId<SVGElement>("router");
        this.listenToPointer(this.press);
        this.listenToPointer(picture.querySelector<SVGElement>('[data-part="button"]')!);
        this.listenToKeys();
        this.hold.addEventListener("click", () => this.toggleHold(this.hold));
        this.power.addEventListener("click", () => this.togglePower(this.power));
        this.begin.addEventListener("click", () => this.nextMove());
        const parts: { [part: string]: () => void } = {
            power: () => this.togglePower(picture),
            cable: () => this.state && this.order({ do: "cable", plugged: !this.state.cable }, picture),
            stick: () => this.state && this.order({ do: "stick", in: !this.state.stick.in }, picture),
            card: () => this.state && this.order({ do: "card", in: !this.state.card.in }, picture),
        };
        for (const [part, act] of Object.entries(parts)) {
            picture.querySelector<SVGElement>(`[data-part="${part}"]`)!.addEventListener("click", act);
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

    private order(command: Command, near: Element | null): void {
        this.notices.clear(near);
        this.connection.send(command).catch((error) => this.notices.showError(error, near));
    }

    private toggleHold(near: Element | null): void {
        const down = !(this.state?.button.locked ?? false);
        this.order({ do: "button", down, locked: down }, near);
    }

    private togglePower(near: Element | null): void {
        this.order({ do: "power", on: !(this.state?.power ?? false) }, near);
    }

    /** The first step of a rescue, and the second one. */
    private nextMove(): void {
        if (!this.state) return;
        if (this.state.power) return this.order({ do: "button", down: false, locked: false }, this.begin);
        this.notices.clear(this.begin);
        const held = this.connection.send({ do: "button", down: true, locked: true });
        held.then(() => this.connection.send({ do: "power", on: true })).catch((error) => this.notices.showError(error, this.begin));
    }

    private listenToPointer(element: HTMLElement | SVGElement): void {
        element.addEventListener("pointerdown", (event) => {
            const pointer = event as PointerEvent;
            if (pointer.button !== 0) return;
            element.setPointerCapture(pointer.pointerId);
            this.hand = element;
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
            if (event.repeat) return;
            this.hand = this.press;
            this.button.press("key");
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
            this.hand = this.press;
            this.button.press("key");
            window.setTimeout(() => this.button.release("key"), clickLength);
        });
        document.addEventListener("pointerdown", () => (this.isTabbing = false), true);
        document.addEventListener(
            "keydown",
            (event) => {
                if (event.key === "Tab") this.isTabbing = true;
            },
            true,
        );
        document.addEventListener("keydown", (event) => this.anywhere(event));
        document.addEventListener(
            "keyup",
            (event) => {
                // Otherwise the button that has the focus would be pressed, too.
                if (event.key === " " && this.button.release("space")) event.preventDefault();
            },
            true,
        );
    }

    private anywhere(event: KeyboardEvent): void {
        if (!this.letters.checked || event.ctrlKey || event.altKey || event.metaKey) return;
        if (document.querySelector("dialog[open]") || isTypedIn(event.target)) return;
        if (this.isTabbing && takesKeys(event.target, event.key)) return;
        const key = event.key.toLowerCase();
        if (key !== " " && key !== "h" && key !== "p") return;
        event.preventDefault();
        if (event.repeat) return;
        if (key === " ") {
            this.hand = null;
            this.button.press("space");
        }
        if (key === "h") this.toggleHold(null);
        if (key === "p") this.togglePower(null);
    }
}

const typedIn = "textarea, [contenteditable], .console-frame, input:not([type=file], [type=checkbox], [type=radio], [type=button])";

/** Whether what is typed goes into this element. */
function isTypedIn(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest(typedIn) !== null;
}

/** Whether the element uses this key: to choose, or to press another button. */
function takesKeys(target: EventTarget | null, key: string): boolean {
    if (!(target instanceof Element)) return false;
    if (target.closest("input, select")) return true;
    return key === " " && target.closest("button, summary, label, a, [role=region]") !== null;
}
