import { byId, make } from "./elements";

const mostNotices = 4;

/** Shows errors until the user closes them: the board refused a command, a file was too large. */
export class Notices {
    private readonly place = byId("notices");

    show(text: string): void {
        for (const shown of this.place.children) {
            if (shown.firstElementChild?.textContent === text) return;
        }
        const notice = make("div", "notice");
        notice.setAttribute("role", "alert");
        notice.append(make("p", "", text), this.closer(notice));
        this.place.append(notice);
        while (this.place.children.length > mostNotices) this.place.firstElementChild?.remove();
        this.place.hidden = false;
    }

    /** For the rejection of a promise: shows the error. */
    readonly showError = (error: unknown): void => this.show(error instanceof Error ? error.message : String(error));

    private closer(notice: HTMLElement): HTMLButtonElement {
        const button = make("button", "quiet", "Dismiss");
        button.type = "button";
        button.addEventListener("click", () => {
            notice.remove();
            this.place.hidden = this.place.childElementCount === 0;
        });
        return button;
    }
}
