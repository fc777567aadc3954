import { byId, make } from "./elements";

const mostNotices = 4;

/** Notices stand in the place for them that is nearest to the control whose action they are about. */
const placeSelector = "[data-notices]";

/** Shows errors until the user closes them: the board refused a command, a file was too large. */
export class Notices {
    /** At the top of the window, for what belongs to no control on the page: keys, the connection. */
    private readonly top = byId("notices");

    /** `near`: the control that the user has just used; null: a key, or nothing at all. */
    show(text: string, near: Element | null = null): void {
        const place = this.placeFor(near);
        for (const shown of place.children) {
            if (shown.firstElementChild?.textContent === text) return shown.scrollIntoView({ block: "nearest" });
        }
        const notice = make("div", "notice");
        notice.setAttribute("role", "alert");
        notice.append(make("p", "", text), this.closer(notice, place));
        place.append(notice);
        while (place.children.length > mostNotices) place.firstElementChild?.remove();
        place.hidden = false;
        notice.scrollIntoView({ block: "nearest" });
    }

    /** The user tries again: what was wrong before does not count any more. */
    clear(near: Element | null): void {
        const place = this.placeFor(near);
        place.replaceChildren();
        place.hidden = true;
    }

    /** For the rejection of a promise: shows the error. */
    readonly showError = (error: unknown, near: Element | null = null): void =>
        this.show(error instanceof Error ? error.message : String(error), near);

    private placeFor(near: Element | null): HTMLElement {
        for (let part = near; part; part = part.parentElement) {
            const place = part.querySelector<HTMLElement>(placeSelector);
            if (place) return part.tagName === "MAIN" ? this.top : place;
        }
        return this.top;
    }

    private closer(notice: HTMLElement, place: HTMLElement): HTMLButtonElement {
        const button = make("button", "quiet", "Dismiss");
        button.type = "button";
        button.addEventListener("click", () => {
            notice.remove();
            place.hidden = place.childElementCount === 0;
        });
        return button;
    }
}
