/** Who can hold the button at the same time. */
export type Finger = "pointer" | "key" | "space";

/** Holds the router's button as long as any finger is on it. Told are only changes. */
export class ButtonHold {
    private readonly fingers = new Set<Finger>();

    constructor(private readonly changed: (down: boolean) => void) {}

    press(finger: Finger): void {
        const wasDown = this.fingers.size > 0;
        this.fingers.add(finger);
        if (!wasDown) this.changed(true);
    }

    release(finger: Finger): void {
        if (this.fingers.delete(finger) && this.fingers.size === 0) this.changed(false);
    }

    /** The window lost the focus: nobody will tell the page when a finger goes. */
    letGo(): void {
        if (this.fingers.size === 0) return;
        this.fingers.clear();
        this.changed(false);
    }

    /** The board has let go by itself. */
    forget(): void {
        this.fingers.clear();
    }
}
