import type { CLOSED } from "#api/live.ts"

/** The codes of the socket's end. Written again because where they stand brings the schemas of all questions with it; the type holds the two together. */
export const CLOSED_WITH: typeof CLOSED = { notSignedIn: 4401, mayNot: 4403, gone: 4404, tooFast: 4429, serverEnds: 1012 }
