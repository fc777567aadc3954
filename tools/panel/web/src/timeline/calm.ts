/** As long as this after something has happened, time goes on once a second. */
const fresh = 5000;

/**
 * How long what is drawn may stay as it is while nothing happens, in milliseconds. The longer ago the newest thing that is
 * shown, the less there is to see in that time goes on, and a page that nobody uses is to cost nothing.
 */
export function calmFor(sinceNewest: number, span: number): number {
    if (sinceNewest < fresh) return 1000;
    return sinceNewest < span ? 2000 : 5000;
}
