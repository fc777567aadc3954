import { byId, make, setText } from "../dom/elements";
import type { Notices } from "../dom/notices";
import type { Command, State } from "../protocol/messages";
import { sizeText } from "./size_text";

/** The user's files for the next stick: chosen or dropped, and uploaded to the server. */
export class Uploads {
    private readonly list = byId("file-list");
    private readonly drop = byId("drop");
    private readonly underway = new Map<string, HTMLElement>();
    private shown = "";

    constructor(
        private readonly order: (command: Command) => Promise<void>,
        private readonly notices: Notices,
    ) {
        const input = byId<HTMLInputElement>("files");
        input.addEventListener("change", () => {
            this.take(input.files);
            input.value = "";
        });
        this.listenToDrops();
    }

    show(state: State): void {
        const text = JSON.stringify(state.files);
        if (text === this.shown) return;
        this.shown = text;
        this.list.replaceChildren(...state.files.map((file) => this.item(file.name, file.size)), ...this.underway.values());
    }

    private listenToDrops(): void {
        // A file that is dropped beside the field must not replace the page.
        for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
        document.addEventListener("dragover", (event) => {
            this.drop.classList.toggle("over", event.target instanceof Node && this.drop.contains(event.target));
        });
        document.addEventListener("dragleave", (event) => {
            if (event.relatedTarget === null) this.drop.classList.remove("over");
        });
        this.drop.addEventListener("drop", (event) => {
            this.drop.classList.remove("over");
            this.take(event.dataTransfer?.files ?? null);
        });
    }

    private take(files: FileList | null): void {
        if (!files || files.length === 0) return;
        this.notices.clear(this.drop);
        for (const file of files) void this.upload(file);
        byId<HTMLSelectElement>("stick-kind").value = "files";
    }

    /** The server knows what a stick can hold; it is asked before a byte is sent. */
    private async upload(file: File): Promise<void> {
        const item = make("li", "", `${file.name}: on its way…`);
        this.underway.set(file.name, item);
        this.list.append(item);
        try {
            await this.order({ do: "check_file", name: file.name, size: file.size });
            await put(file, (part) => setText(item, `${file.name}: ${Math.floor(part * 100)} %`));
        } catch (error) {
            this.notices.showError(error, this.drop);
        } finally {
            this.underway.delete(file.name);
            item.remove();
        }
    }

    private item(name: string, size: number): HTMLElement {
        const item = make("li");
        const remove = make("button", "quiet", "Remove");
        remove.type = "button";
        remove.setAttribute("aria-label", `Remove ${name}`);
        remove.addEventListener("click", () => void this.remove(name));
        item.append(make("span", "file-name", name), make("span", "soft", sizeText(size)), remove);
        return item;
    }

    private async remove(name: string): Promise<void> {
        try {
            const answer = await fetch(address(name), { method: "DELETE" });
            if (!answer.ok && answer.status !== 404) throw new Error(`${name} could not be removed: ${answer.statusText}.`);
        } catch (error) {
            this.notices.showError(error, this.drop);
        }
    }
}

function address(name: string): string {
    return `files/${encodeURIComponent(name)}`;
}

/** Not by `fetch`, which does not report how much has been sent. */
function put(file: File, progress: (part: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("PUT", address(file.name));
        request.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
        request.onload = () => {
            if (request.status === 201) return resolve();
            reject(new Error(refusal(file.name, request)));
        };
        request.onerror = () => reject(new Error(`${file.name} could not be sent: the connection was lost.`));
        request.send(file);
    });
}

function refusal(name: string, request: XMLHttpRequest): string {
    switch (request.status) {
        case 400:
            return request.responseText;
        case 413:
            return `${name} was not taken: it is too large (512 MiB at most).`;
        case 507:
            return `${name} was not taken: the disk of this computer is full.`;
        default:
            return `${name} was not taken: the server answered ${request.status}.`;
    }
}
