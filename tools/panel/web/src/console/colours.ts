import type { ITheme } from "@xterm/xterm";

export const nightColours: ITheme = {
    background: "#0c1116",
    foreground: "#d5dee6",
    cursor: "#d5dee6",
    cursorAccent: "#0c1116",
    selectionBackground: "#31475a",
    black: "#1b242c",
    red: "#ff8a75",
    green: "#8fd18c",
    yellow: "#e6c46a",
    blue: "#7fbbea",
    magenta: "#d3a3e6",
    cyan: "#7cd0cf",
    white: "#d5dee6",
    brightBlack: "#8a99a6",
};

/** The terminal is dark in the light theme too, but less so. */
export const dayColours: ITheme = { ...nightColours, background: "#18222b", cursorAccent: "#18222b" };
