/** The sources that can hold the button at the same time. */
export type InputSource = "pointer" | "key" | "space";

/** Holds the router's button as long as any source presses it. Reports only changes. */
export class ButtonHold {
    private readonly sources = new Set<InputSource>();

    constructor(private readonly changed: (down: boolean) => void) {}

    press(source: InputSource): void {
        const wasDown = this.sources.size > 0;
        this.sources.add(source);
        if (!wasDown) this.changed(true);
    }

    /** Whether the source was on it. */
    release(source: InputSource): boolean {
        const wasOn = this.sources.delete(source);
        if (wasOn && this.sources.size === 0) this.changed(false);
        return wasOn;
    }

    /** The window lost the focus: the page will get no event of a release. */
    letGo(): void {
        if (this.sources.size === 0) return;
        this.sources.clear();
        this.changed(false);
    }

    /** The board has released the button. */
    forget(): void {
        this.sources.clear();
    }
}
