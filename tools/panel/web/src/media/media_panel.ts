import { byId, setText } from "../dom/elements";
import type { Notices } from "../dom/notices";
import type { CardContent, Command, FileSystem, Slot, State, StickContent } from "../protocol/messages";

type Order = (command: Command) => Promise<void>;
type Act = () => Promise<void>;

const fileSystems: { [name: string]: string } = { fat32: "FAT32", ext4: "ext4", btrfs: "btrfs", exfat: "exFAT" };

/** Stick, card and cable: what is inserted, what can be inserted, and how to corrupt it. */
export class MediaPanel {
    private state: State | null = null;

    constructor(
        private readonly order: Order,
        private readonly notices: Notices,
    ) {
        this.listen("stick-in", () => this.order({ do: "stick", in: !this.known().stick.in }));
        this.listen("card-in", () => this.order({ do: "card", in: !this.known().card.in }));
        this.listen("look-button", () => this.order({ do: "look_at_card" }));
        this.listen("fault-plug", () => this.order({ do: "power", on: !this.known().power }));
        this.listen("fault-stick", () => this.order({ do: "stick", in: false }));
        this.listen("fault-card", () => this.order({ do: "card", in: false }));
        this.listen("fault-cable", () => this.order({ do: "cable", plugged: !this.known().cable }));
        this.listen("fault-reset", () => this.order({ do: "reset" }));
        this.listen("fault-signature", () => this.plugInStranger());
        this.listenToForm("stick-form", () => {
            const content = byId<HTMLSelectElement>("stick-kind").value as StickContent;
            return this.makeStick(content);
        });
        this.listenToForm("card-form", () => {
            const content = byId<HTMLSelectElement>("card-kind").value as CardContent;
            return this.order({ do: "make_card", content });
        });
    }

    show(state: State): void {
        this.state = state;
        const { stick, card } = state;
        const fileSystem = fileSystems[stick.filesystem] ?? stick.filesystem;
        setText(byId("stick-content"), medium(stick, "stick", stick.content ? `${stick.content}, ${fileSystem}` : ""));
        setText(byId("stick-in"), stick.in ? "Pull out" : "Plug in");
        this.allow("stick-in", stick.in || (stick.content !== "" && !stick.making));
        this.allow("stick-make", !stick.in && !stick.making);
        setText(byId("stick-why"), stick.in ? "To make another one, pull this one out." : "");

        setText(byId("card-content"), medium(card, "card", card.content));
        setText(byId("card-in"), card.in ? "Pull out" : "Put in");
        this.allow("card-in", card.in || (card.content !== "" && !card.making));
        this.allow("card-make", !state.power && !card.making);
        setText(byId("card-why"), state.power ? "To make another one, pull the plug." : "");
        this.allow("look-button", card.content !== "" && !card.making);

        setText(byId("fault-plug"), state.power ? "Pull the plug" : "Plug in again");
        this.allow("fault-stick", stick.in);
        this.allow("fault-card", card.in);
        setText(byId("fault-cable"), state.cable ? "Cut the network" : "Mend the network");
        this.allow("fault-reset", state.power);
        this.allow("fault-signature", !stick.making);
    }

    private makeStick(content: StickContent): Promise<void> {
        const filesystem = byId<HTMLSelectElement>("stick-filesystem").value as FileSystem;
        return this.order({ do: "make_stick", content, filesystem });
    }

    /** Replaces the stick by one with a medkit that is not trusted. */
    private async plugInStranger(): Promise<void> {
        if (this.known().stick.in) await this.order({ do: "stick", in: false });
        await this.makeStick("stranger");
        await this.order({ do: "stick", in: true });
    }

    private known(): State {
        if (!this.state) throw new Error("There is no connection to the board yet.");
        return this.state;
    }

    private allow(id: string, allowed: boolean): void {
        byId<HTMLButtonElement>(id).disabled = !allowed;
    }

    private listen(id: string, act: Act): void {
        const control = byId(id);
        control.addEventListener("click", () => void this.attempt(control, act));
    }

    private listenToForm(id: string, act: Act): void {
        const form = byId(id);
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            void this.attempt(form, act);
        });
    }

    private async attempt(near: Element, act: Act): Promise<void> {
        this.notices.clear(near);
        try {
            await act();
        } catch (error) {
            this.notices.showError(error, near);
        }
    }
}

function medium(state: Slot, what: string, content: string): string {
    if (state.making) return `A new ${what} is being made…`;
    if (state.failure) return `There is no ${what}: the new one could not be made.`;
    if (!content) return `There is no ${what} yet.`;
    return state.in ? `In the slot: ${content}.` : `Beside the router: ${content}.`;
}
