import { Controls } from "./board/controls";
import { NowPanel } from "./board/now_panel";
import { RouterPicture } from "./board/router_picture";
import { ClockRelation } from "./connection/clock_relation";
import { Connection } from "./connection/connection";
import { ConsolePanel } from "./console/console_panel";
import { byId } from "./dom/elements";
import { LinkStatus } from "./dom/link_status";
import { Notices } from "./dom/notices";
import { ManualPanel } from "./manual/manual_panel";
import { LookPanel } from "./media/look_panel";
import { MediaPanel } from "./media/media_panel";
import { Uploads } from "./media/uploads";
import type { Command, Hello, ServerMessage, State } from "./protocol/messages";
import { TimelinePanel } from "./timeline/timeline_panel";

/** Two `hello` of the same server give start times that differ by less; the wall clock may have been adjusted. */
const sameStart = 2000;

/** The page: passes the messages of the board to the parts that show them. */
class Panel {
    private readonly clock = new ClockRelation();
    private readonly notices = new Notices();
    private readonly link = new LinkStatus();
    private readonly picture = new RouterPicture();
    private readonly now = new NowPanel();
    private readonly timeline = new TimelinePanel(this.clock);
    private readonly look = new LookPanel();
    private readonly uploads = new Uploads((command) => this.connection.send(command), this.notices);
    private readonly manual = new ManualPanel((running) => this.order({ do: "show_me", running }, byId("show-me")));
    private readonly media = new MediaPanel((command) => this.connection.send(command), this.notices);
    private readonly console = new ConsolePanel((bytes) => this.connection.type(bytes));
    private readonly connection = new Connection(boardAddress(), {
        message: (message, received) => this.onMessage(message, received),
        console: (bytes) => this.console.take(bytes),
        lost: () => this.lost(),
        // What was typed at the serial console of a router without power is refused, too.
        onProtocolError: (why) => this.notices.showError(why, document.activeElement?.closest(".console") ?? null),
    });
    private readonly controls = new Controls(this.connection, this.notices);
    private serverStart: number | null = null;

    private onMessage(message: ServerMessage, received: number): void {
        switch (message.type) {
            case "edge":
                // The LED first, because the user watches it.
                if (message.what === "led") this.picture.led(message.on);
                else this.picture.button(message, received - this.clock.toPage(message.at));
                this.timeline.edge(message.what, { on: message.on, at: message.at });
                break;
            case "state":
                this.show(message);
                break;
            case "reading":
                this.timeline.reading(message);
                break;
            case "event":
                this.timeline.event(message);
                break;
            case "hello":
                this.onHello(message, received);
                break;
            case "pong":
                this.clock.pong(message.t, received, message.now);
                break;
            case "done":
            case "failed":
                break;
        }
    }

    private onHello(hello: Hello, received: number): void {
        const start = hello.wall - hello.now;
        if (this.serverStart !== null && Math.abs(start - this.serverStart) > sameStart) this.console.startAnew();
        this.serverStart = start;
        this.clock.hello(hello.now, hello.wall, received);
        this.manual.modes(hello.modes);
        this.timeline.replace(hello.history);
        this.link.connected();
    }

    private show(state: State): void {
        this.picture.state(state);
        this.now.state(state);
        this.manual.state(state);
        this.controls.show(state);
        this.media.show(state);
        this.uploads.show(state);
        this.look.show(state.look, (at) => this.clock.toWall(at));
    }

    private lost(): void {
        this.link.lost();
        this.controls.lost();
        this.timeline.lost();
    }

    private order(command: Command, near: Element): void {
        this.notices.clear(near);
        this.connection.send(command).catch((error) => this.notices.showError(error, near));
    }
}

function boardAddress(): string {
    const address = new URL("board", document.baseURI);
    address.protocol = "ws:";
    return address.href;
}

function listenToKeysDialog(): void {
    const dialog = byId<HTMLDialogElement>("keys");
    byId("open-keys").addEventListener("click", () => dialog.showModal());
}

listenToKeysDialog();
new Panel();
