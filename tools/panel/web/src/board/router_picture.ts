import { byId, setAttribute, setText } from "../dom/elements";
import type { Edge, State } from "../protocol/messages";

/** From here on a press of a running router is an immediate reset: the ring around the button is closed. */
const ringFull = 4000;
const ringStep = 100;

/** The back panel. Each edge changes the LED at once, without batching. */
export class RouterPicture {
    private readonly router = byId<SVGElement>("router");
    private readonly lamp = byId("lamp");
    private readonly lampWord = byId("lamp-word");
    private readonly ring = byId<SVGElement>("hold-ring");
    private readonly brandLed = byId<SVGElement>("brand-led");
    private ringTimer = 0;

    led(lit: boolean): void {
        const value = String(lit);
        setAttribute(this.router, "data-lit", value);
        setAttribute(this.lamp, "data-lit", value);
        setAttribute(this.brandLed, "data-lit", value);
        setText(this.lampWord, lit ? "on" : "off");
    }

    /** `ago`: how long before now the button moved, in milliseconds. */
    button(edge: Edge, ago: number): void {
        setAttribute(this.router, "data-down", String(edge.on));
        window.clearInterval(this.ringTimer);
        this.ring.style.strokeDasharray = "0 100";
        if (!edge.on) return;
        const since = performance.now() - ago;
        this.ringTimer = window.setInterval(() => {
            const part = Math.min(100, ((performance.now() - since) / ringFull) * 100);
            this.ring.style.strokeDasharray = `${part} 100`;
            if (part === 100) window.clearInterval(this.ringTimer);
        }, ringStep);
    }

    state(state: State): void {
        this.led(state.led);
        setAttribute(this.router, "data-power", String(state.power));
        setAttribute(this.router, "data-down", String(state.button.down));
        setAttribute(this.router, "data-locked", String(state.button.locked));
        setAttribute(this.router, "data-cable", String(state.cable));
        setAttribute(this.router, "data-ports", state.port_leds);
        setAttribute(this.router, "data-card", place(state.card));
        setAttribute(this.router, "data-stick", place(state.stick));
    }
}

function place(medium: { in: boolean; content: string }): string {
    if (medium.in) return "in";
    return medium.content ? "out" : "none";
}
