import type { Phase, State } from "../protocol/messages";

const phases: { [phase in Phase]: string } = {
    off: "no power",
    boot_loader: "the boot loader looks at the button",
    entering_rescue: "entering rescue mode",
    starting_rescue: "starting the rescue system",
    selecting: "choosing a mode",
    executing: "a mode is running",
    waiting_for_you: "waiting for you",
    failed: "failed",
    normal_boot: "booting normally",
    running: "the router is running",
};

/** What the router is doing, next to the LED's state. */
export function phaseText(state: State): string {
    if (state.phase === "executing" && state.mode > 0) return `mode ${state.mode} is running`;
    if (state.phase === "failed" && state.error > 0) return `failed with code ${state.error}`;
    return phases[state.phase] ?? state.phase;
}
