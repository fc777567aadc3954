/** For this time after an event, the picture is drawn once a second, in milliseconds. */
const fresh = 5000;

/**
 * The interval between drawings while there are no events, in milliseconds. The older the newest event in the picture,
 * the less the picture changes; so an idle page needs little processor time.
 */
export function idleRefreshInterval(sinceNewest: number, span: number): number {
    if (sinceNewest < fresh) return 1000;
    return sinceNewest < span ? 2000 : 5000;
}
