import { slipsBetween } from "#base/nearest.ts"

/** The known words that somebody may have meant, nearest first; none when nothing is near. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const bare = (text: string) => text.replace(/^-+/, "").toLowerCase()
  const asked = bare(word)
  // One letter is within one change of every other.
  const allowed = asked.length < 2 ? 0 : Math.max(1, Math.floor(asked.length / 3))
  return known
    .map((candidate) => ({ candidate, away: asked.length > 2 && bare(candidate).startsWith(asked) ? 0 : slipsBetween(asked, bare(candidate)) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away)
    .map(({ candidate }) => candidate)
}
