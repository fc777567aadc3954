import { byId, setAttribute, setText } from "./elements";

/** Shows the state of the connection in the page's head, and a lost connection in a banner. */
export class LinkStatus {
    private readonly link = byId("link");
    private readonly text = byId("link-text");
    private readonly lostBar = byId("lost");

    connected(): void {
        setAttribute(this.link, "data-link", "open");
        setText(this.text, "Connected");
        this.lostBar.hidden = true;
        document.body.classList.remove("is-lost");
    }

    lost(): void {
        setAttribute(this.link, "data-link", "lost");
        setText(this.text, "Connection lost");
        document.body.classList.add("is-lost");
        const words =
            "The connection to the virtual MOX is lost. What you see is its last known state. The page keeps trying; " +
            "if the panel was started anew, open the address that it has printed.";
        setText(this.lostBar, words);
        this.lostBar.hidden = false;
    }
}
