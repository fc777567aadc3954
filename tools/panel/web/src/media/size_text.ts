/** "850 B", "12.1 MB". */
export function sizeText(bytes: number): string {
    if (bytes < 1000) return `${bytes} B`;
    const units = ["kB", "MB", "GB"];
    let value = bytes;
    let unit = -1;
    do {
        value /= 1000;
        unit += 1;
    } while (value >= 999.95 && unit < units.length - 1);
    return `${value.toFixed(1)} ${units[unit]}`;
}
