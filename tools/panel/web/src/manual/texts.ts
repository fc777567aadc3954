import type { Phase } from "../protocol/messages";

/** What each mode does, in a sentence or two, after the user manual. */
export const modeTexts: { [mode: number]: string } = {
    1: "The router restarts. Nothing is changed.",
    2: "The system goes back to its latest snapshot. The state before is kept as a snapshot.",
    3: "The system goes back to the state of the factory. The state before is kept as a snapshot.",
    4: "Erases all settings and data, and writes the system that is on the USB stick or on the card.",
    5: "For repairs: SSH to root at 192.168.1.1, without a password. Unplug whatever you do not trust first.",
    6: "Erases all settings and data, and writes the system that it downloads over the Ethernet port.",
    7: "A shell at the serial console, for true geeks. Only here a short press restarts the router.",
};

/** The manual's titles, for a server that does not send any. */
export const modeTitles: { [mode: number]: string } = {
    1: "Standard reboot",
    2: "Rollback to latest snapshot",
    3: "Rollback to factory reset",
    4: "Re-flash router",
    5: "Unsecure SSH on 192.168.1.1",
    6: "Flash from the internet",
    7: "Rescue shell",
};

export const steps: readonly string[] = [
    "Hold the button and plug in the power adapter.",
    "The LED goes on, and off again after a second: let go.",
    "The LED goes on and blinks once: mode 1 is announced.",
    "Press to move on to the next mode. Do nothing to take it: each is announced twice.",
    "The LED blinks slowly: the mode is running. Do not unplug the router.",
];

/** Which of the steps a phase belongs to; -1: none. */
export function stepOf(phase: Phase): number {
    switch (phase) {
        case "off":
            return 0;
        case "boot_loader":
        case "entering_rescue":
            return 1;
        case "starting_rescue":
            return 2;
        case "selecting":
            return 3;
        case "executing":
            return 4;
        case "boot_prompt":
        case "rebooting":
        case "crashed":
        case "waiting_for_you":
        case "failed":
        case "normal_boot":
        case "running":
            return -1;
    }
}
