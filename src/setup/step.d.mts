import type { Step } from "#setup/python.mjs"

export type { Step }

/** Tells steps on a stream: one line each, with what is done and how long it took. */
export declare function stepsOn(stream: { write(text: string): unknown }): Step

/** Milliseconds as "1.2 s". */
export declare function seconds(ms: number): string
