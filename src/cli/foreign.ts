/**
 * Text that somebody else wrote, made fit for a terminal.
 *
 * What a cell printed, or what stands in a notebook, may hold sequences that move the cursor, write the clipboard or name the
 * window: on a terminal only colours, tabs and line ends are let through. What goes into a file or a pipe stays as it was.
 */

// ECMA-48: CSI, then the strings (OSC, DCS, APC, PM, SOS) with whatever ends them, then all other escapes.
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b[^\\]))|[ -/]*[0-OQ-WYZ`-~\\])/g
const COLOUR = /^\x1b\[[0-9;:]*m$/
/** A sequence that has begun and may go on in the next piece. */
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$/
/** What never ends is no sequence: it is not waited for any longer. */
const LONGEST = 4096
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/g

/** For text that comes in pieces: a sequence that is cut between two is still one. */
export function foreign(to: { readonly isTerminal: boolean; readonly colours: boolean }): (piece: string) => string {
  if (!to.isTerminal) return (piece) => piece
  let held = ""
  return (piece) => {
    const text = held + piece
    held = UNFINISHED.exec(text)?.[0] ?? ""
    if (held.length > LONGEST) held = ""
    return tamed(text.slice(0, text.length - held.length), to.colours)
  }
}

/** Without sequences but colours, where they may be used. */
export function tamed(text: string, colours: boolean): string {
  return text
    .replace(SEQUENCE, (sequence) => (colours && COLOUR.test(sequence) ? sequence : ""))
    .replace(/\x1b(?!\[[0-9;:]*m)/g, "")
    .replace(CONTROL, "")
}
