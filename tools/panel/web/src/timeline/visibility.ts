/** Whether an element is visible: it is in the window, and the window is not hidden. */
export class Visibility {
    private inWindow = true;

    constructor(element: Element, becameVisible: () => void) {
        new IntersectionObserver((entries) => {
            this.inWindow = entries.at(-1)?.isIntersecting ?? false;
            if (this.isVisible) becameVisible();
        }).observe(element);
        document.addEventListener("visibilitychange", () => {
            if (this.isVisible) becameVisible();
        });
    }

    get isVisible(): boolean {
        return this.inWindow && document.visibilityState === "visible";
    }
}
