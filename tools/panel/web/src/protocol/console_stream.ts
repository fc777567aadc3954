/** What to do with a piece of the serial console's output. */
export interface ConsolePiece {
    /** How many bytes between the last piece and this one are lost. */
    missed: number;
    bytes: Uint8Array;
}

const headerLength = 8;

/**
 * The serial console's output, byte by byte in order. After a reconnection the server sends what it has kept
 * once more: bytes that are here already are left out.
 */
export class ConsoleStream {
    private next = 0;

    /** A new server counts from 0 again. */
    startAnew(): void {
        this.next = 0;
    }

    /** A binary message: 8 bytes of position, big endian, then the bytes. Throws when it is too short. */
    take(message: ArrayBuffer): ConsolePiece {
        if (message.byteLength < headerLength) throw new Error("The console's output has no position.");
        const position = Number(new DataView(message).getBigUint64(0));
        const bytes = new Uint8Array(message, headerLength);
        const known = Math.max(0, this.next - position);
        const missed = Math.max(0, position - this.next);
        this.next = Math.max(this.next, position + bytes.length);
        return { missed, bytes: bytes.subarray(Math.min(known, bytes.length)) };
    }
}
