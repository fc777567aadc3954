import { byId, make } from "../dom/elements";
import type { Look, Subvolume } from "../protocol/messages";
import { clockText } from "../timeline/scale";

/** The content of the card at the last inspection. */
export class LookPanel {
    private readonly place = byId("look");
    private shown = "";

    show(look: Look | null, wall: (at: number) => number): void {
        const text = JSON.stringify(look);
        if (text === this.shown) return;
        this.shown = text;
        this.place.replaceChildren(...(look ? describe(look, wall) : [make("p", "soft", "Nobody has looked yet.")]));
    }
}

function describe(look: Look, wall: (at: number) => number): HTMLElement[] {
    const seen = make("p", "soft", `Seen at ${clockText(wall(look.at))}.`);
    if (look.error) return [make("p", "look-error", look.error), seen];
    const version = make("p", "version", look.version ? `System version ${look.version}` : "No system that could start");
    const list = make("ul", "subvolumes");
    list.append(...look.subvolumes.map(entry));
    const parts = [version, list];
    if (look.log.length > 0) {
        parts.push(make("p", "soft", `Rescue logs: ${look.log.join(", ")}`));
    }
    return [...parts, seen];
}

function entry(subvolume: Subvolume): HTMLElement {
    const item = make("li", subvolume.kind);
    const words: { [kind in Subvolume["kind"]]: string } = {
        root: "the system that starts",
        factory: "state of the factory",
        snapshot: `snapshot ${subvolume.number}${subvolume.type ? `, ${subvolume.type}` : ""}`,
        other: "subvolume",
    };
    item.append(make("code", "", subvolume.name), make("span", "", words[subvolume.kind]));
    const more = [subvolume.description, subvolume.created].filter(Boolean).join(" · ");
    if (more) item.append(make("span", "soft", more));
    return item;
}
