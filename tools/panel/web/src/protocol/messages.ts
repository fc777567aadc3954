// The messages between server and page (docs/panel-protocol.md). Names are those of the protocol.

/** Milliseconds on the server's monotonic clock, since its start. */
export type ServerTime = number;

export type Phase =
    | "off"
    | "boot_loader"
    | "boot_prompt"
    | "entering_rescue"
    | "starting_rescue"
    | "selecting"
    | "executing"
    | "waiting_for_you"
    | "failed"
    | "rebooting"
    | "normal_boot"
    | "running"
    | "crashed";

export interface Mode {
    number: number;
    title: string;
}

export interface Edge {
    on: boolean;
    at: ServerTime;
}

export type Line = "led" | "button";

export type Sign = "dark" | "lit" | "announcement" | "interrupted" | "slow_blinking" | "error_code";

/** The patterns of the LED. */
export interface Reading {
    sign: Sign;
    blinks: number;
    from: ServerTime;
    until: ServerTime;
    meaning: string;
    /** After `until`, up to the next reading or to a message with the same begin that ends it. */
    goes_on: boolean;
}

export interface BoardEvent {
    what: string;
    at: ServerTime;
    text: string;
}

export interface Progress {
    step: string;
    number: number;
    count: number;
    fraction: number | null;
    detail: string;
}

export interface Subvolume {
    name: string;
    kind: "root" | "factory" | "snapshot" | "other";
    number: number;
    type: string;
    description: string;
    created: string;
}

/** The content of the card at the last inspection. */
export interface Look {
    at: ServerTime;
    error: string;
    version: string;
    subvolumes: Subvolume[];
    log: string[];
}

/** A card or a stick. `failure`: why the last one could not be made; then there is none. */
export interface Slot {
    in: boolean;
    content: string;
    making: boolean;
    failure: string;
}

export interface State {
    power: boolean;
    button: { down: boolean; locked: boolean };
    led: boolean;
    port_leds: "off" | "link" | "blinking";
    cable: boolean;
    phase: Phase;
    mode: number;
    repetition: number;
    error: number;
    /** In phase "failed": what failed and why, as the serial console has it; may be empty. */
    reason: string;
    /** What the router does, in a few words. */
    doing: string;
    meaning: string;
    hint: string;
    card: Slot;
    stick: Slot & { filesystem: string };
    files: { name: string; size: number }[];
    show_me: { running: boolean; caption: string };
    progress: Progress | null;
    look: Look | null;
}

export interface History {
    led: Edge[];
    button: Edge[];
    readings: Reading[];
    events: BoardEvent[];
}

export interface Hello {
    protocol: number;
    now: ServerTime;
    /** The same moment by the wall clock, in milliseconds since 1970. */
    wall: number;
    modes: Mode[];
    history: History;
}

export type ServerMessage =
    | ({ type: "hello" } & Hello)
    | ({ type: "state" } & State)
    | { type: "edge"; what: Line; on: boolean; at: ServerTime }
    | ({ type: "reading" } & Reading)
    | ({ type: "event" } & BoardEvent)
    | { type: "done"; id: number }
    | { type: "failed"; id: number; why: string }
    | { type: "pong"; id: number; t: number; now: ServerTime };

export type CardContent = "demo" | "broken" | "old" | "empty";
export type StickContent = "good" | "unsigned" | "corrupt" | "stranger" | "files";
export type FileSystem = "fat32" | "ext4" | "btrfs" | "exfat";

export type Command =
    | { do: "power"; on: boolean }
    | { do: "reset" }
    | { do: "button"; down: boolean; locked: boolean }
    | { do: "cable"; plugged: boolean }
    | { do: "card"; in: boolean }
    | { do: "stick"; in: boolean }
    | { do: "make_card"; content: CardContent }
    | { do: "make_stick"; content: StickContent; filesystem: FileSystem }
    | { do: "check_file"; name: string; size: number }
    | { do: "look_at_card" }
    | { do: "show_me"; running: boolean }
    | { do: "ping"; t: number };
