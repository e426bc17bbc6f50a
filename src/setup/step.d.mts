import type { Step } from "#setup/python.mjs"

/** Tells steps on a stream: one line each, with what is done and how long it took. */
export declare function stepsOn(stream: { write(text: string): unknown }): Step
