import type { Reading } from "../protocol/messages";

/** The sign of a reading in a word or two. */
export function signText(reading: Reading): string {
    switch (reading.sign) {
        case "dark":
            return "off";
        case "lit":
            return "on";
        case "announcement":
            return blinks(reading.blinks);
        case "interrupted":
            return `${blinks(reading.blinks)}, broken off`;
        case "slow_blinking":
            return "slow blinking";
        case "error_code":
            return `${blinks(reading.blinks)}, over and over`;
    }
}

/** The meaning in a short form, where the whole sentence does not fit. */
export function middleSign(reading: Reading): string {
    switch (reading.sign) {
        case "announcement":
            return `mode ${reading.blinks}`;
        case "interrupted":
            return `mode ${reading.blinks}?`;
        case "slow_blinking":
        case "error_code":
        case "dark":
        case "lit":
            return shortSign(reading);
    }
}

/** The shortest form of it. */
export function shortSign(reading: Reading): string {
    switch (reading.sign) {
        case "announcement":
            return String(reading.blinks);
        case "interrupted":
            return `${reading.blinks}…`;
        case "slow_blinking":
            return "working";
        case "error_code":
            return `error ${reading.blinks}`;
        case "dark":
        case "lit":
            return "";
    }
}

function blinks(count: number): string {
    return count === 1 ? "1 blink" : `${count} blinks`;
}
