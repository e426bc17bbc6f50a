/** Text as source: each language says only what differs. */

const PLAIN = /^[ !#-[\]-~]*$/

/**
 * Text between double quotes with backslash escapes, ASCII only. `spell` writes one character that is neither printable
 * ASCII nor in `short`.
 */
export function quoted(text: string, short: { readonly [character: string]: string }, spell: (codePoint: number) => string): string {
  if (PLAIN.test(text) && !Object.keys(short).some((character) => text.includes(character))) return `"${text}"`
  let out = '"'
  for (const character of text) {
    out += short[character] ?? (isPrintableAscii(character) ? character : spell(character.codePointAt(0) ?? 0))
  }
  return `${out}"`
}

function isPrintableAscii(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

export function hex(codePoint: number, width: number): string {
  return codePoint.toString(16).padStart(width, "0")
}

/** \uXXXX for each UTF-16 unit: one for most characters, two for the rest. */
export function utf16Escape(codePoint: number): string {
  return Array.from(String.fromCodePoint(codePoint).split(""), (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`).join("")
}

export const BACKSLASH_SHORT = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" } as const

/** Runs of characters that pass `may` and runs that do not, in order. */
export function runs(text: string, may: (character: string) => boolean): readonly { readonly plain: boolean; readonly text: string }[] {
  const out: { plain: boolean; text: string }[] = []
  for (const character of text) {
    const plain = may(character)
    const last = out.at(-1)
    if (last?.plain === plain) last.text += character
    else out.push({ plain, text: character })
  }
  return out
}
