/** Naming somebody in a comment: what is being typed after an @, and who is named in the end. Pure. */

export type Named = { readonly id: string; readonly name: string }

export type Typing = { readonly from: number; readonly query: string }

const LONGEST = 40

/** The name that is being typed at the caret; undefined when none is. */
export function typingAt(text: string, caret: number): Typing | undefined {
  const before = text.slice(Math.max(0, caret - LONGEST), caret)
  const at = before.lastIndexOf("@")
  if (at < 0) return undefined
  const query = before.slice(at + 1)
  const isStart = at === 0 ? caret <= LONGEST : /[\s([{>*_-]/u.test(before[at - 1] ?? "")
  if (!isStart || /[\n@]|^\s|\s\S*\s/u.test(query)) return undefined
  return { from: caret - query.length - 1, query }
}

/** The text with the name in place of what was typed, and where the caret goes. */
export function withName(text: string, { from, query }: Typing, { name }: Named): { readonly text: string; readonly caret: number } {
  const said = `@${name} `
  const rest = text.slice(from + 1 + query.length).replace(/^ /u, "")
  return { text: text.slice(0, from) + said + rest, caret: from + said.length }
}

/** Of those who were chosen, who still stands in the text. */
export function namedIn(text: string, chosen: readonly Named[]): string[] {
  return [...new Set(chosen.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id))]
}
