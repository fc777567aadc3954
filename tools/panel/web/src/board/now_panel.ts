import { byId, setText } from "../dom/elements";
import type { State } from "../protocol/messages";

/** The meaning of the LED, the next step, and the progress of a running mode. */
export class NowPanel {
    private readonly phase = byId("phase-word");
    private readonly meaning = byId("meaning");
    private readonly hint = byId("hint");
    private readonly reason = byId("reason");
    private readonly caption = byId("caption");
    private readonly progress = byId("progress");
    private readonly step = byId("progress-step");
    private readonly detail = byId("progress-detail");
    private readonly bar = byId<HTMLProgressElement>("progress-bar");

    state(state: State): void {
        setText(this.phase, state.doing);
        setText(this.meaning, unbroken(sentence(state.meaning)));
        setText(this.hint, state.hint);
        setText(this.reason, state.reason && `The console says: ${state.reason}`);
        this.reason.hidden = state.reason === "";
        const caption = state.show_me.running ? state.show_me.caption : "";
        setText(this.caption, caption);
        this.caption.hidden = caption === "";
        this.showProgress(state);
        document.title = `${state.meaning ? `${sentence(state.meaning)} – ` : ""}Turris MOX front panel`;
    }

    private showProgress(state: State): void {
        const progress = state.progress;
        this.progress.hidden = progress === null || progress === undefined;
        if (!progress) return;
        setText(this.step, `Step ${progress.number} of ${progress.count}: ${progress.step}`);
        setText(this.detail, progress.detail);
        if (progress.fraction === null) this.bar.removeAttribute("value");
        else this.bar.value = progress.fraction;
    }
}

function sentence(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Prevents a line break within "re-flash". */
function unbroken(text: string): string {
    return text.replaceAll("re-flash", "re\u2011flash");
}
