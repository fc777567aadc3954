import type { ServerTime } from "../protocol/messages";
import { byId, make } from "../dom/elements";
import type { Recording } from "./recording";
import { rows } from "./rows";
import { clockText } from "./scale";

/** The recording as a table; kept up to date only while it is open. */
export class Table {
    private readonly details = byId<HTMLDetailsElement>("table-details");
    private readonly body = byId("rows");

    constructor(opened: () => void) {
        this.details.addEventListener("toggle", opened);
    }

    draw(recording: Recording, now: ServerTime, wallOffset: number): void {
        if (!this.details.open) return;
        const wanted = rows(recording, now).map((row) => [clockText(row.at + wallOffset, 1), row.what, row.meaning]);
        while (this.body.children.length > wanted.length) this.body.lastElementChild!.remove();
        wanted.forEach((cells, index) => {
            const row = this.body.children[index] ?? this.body.appendChild(emptyRow());
            cells.forEach((text, column) => {
                const cell = row.children[column]!;
                if (cell.textContent !== text) cell.textContent = text;
            });
        });
    }
}

function emptyRow(): HTMLTableRowElement {
    const row = make("tr");
    row.append(make("td"), make("td"), make("td"));
    return row;
}
