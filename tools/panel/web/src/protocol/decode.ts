import type { ServerMessage } from "./messages";

type Kind = "boolean" | "number" | "string" | "object" | "array";

/** The members that each message must have; their values are not checked. */
const members: Record<ServerMessage["type"], Record<string, Kind>> = {
    hello: { protocol: "number", now: "number", wall: "number", modes: "array", history: "object" },
    state: {
        power: "boolean",
        button: "object",
        led: "boolean",
        port_leds: "string",
        cable: "boolean",
        phase: "string",
        mode: "number",
        repetition: "number",
        error: "number",
        reason: "string",
        doing: "string",
        meaning: "string",
        hint: "string",
        card: "object",
        stick: "object",
        files: "array",
        show_me: "object",
    },
    edge: { what: "string", on: "boolean", at: "number" },
    reading: { sign: "string", blinks: "number", from: "number", until: "number", meaning: "string", goes_on: "boolean" },
    event: { what: "string", at: "number", text: "string" },
    done: { id: "number" },
    failed: { id: "number", why: "string" },
    pong: { id: "number", t: "number", now: "number" },
};

function kindOf(value: unknown): Kind | "nothing" {
    if (Array.isArray(value)) return "array";
    if (value === null || value === undefined) return "nothing";
    const kind = typeof value;
    return kind === "boolean" || kind === "number" || kind === "string" || kind === "object" ? kind : "nothing";
}

/**
 * Decodes a text message of the server. Throws an Error with the reason when it is not valid: page and server then do
 * not belong together.
 */
export function decodeMessage(text: string): ServerMessage {
    const value: unknown = JSON.parse(text);
    if (kindOf(value) !== "object") throw new Error("The server sent something that is no message.");
    const message = value as Record<string, unknown>;
    const type = message["type"];
    if (typeof type !== "string" || !Object.hasOwn(members, type)) {
        throw new Error(`The server sent a message of an unknown type: ${String(type)}.`);
    }
    for (const [name, kind] of Object.entries(members[type as ServerMessage["type"]])) {
        if (kindOf(message[name]) !== kind) throw new Error(`The server's message "${type}" has no good "${name}".`);
    }
    return message as unknown as ServerMessage;
}
