/** The known words that somebody may have meant, nearest first; none when nothing is near. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const bare = (text: string) => text.replace(/^-+/, "").toLowerCase()
  const asked = bare(word)
  // One letter is within one change of every other.
  const allowed = asked.length < 2 ? 0 : Math.max(1, Math.floor(asked.length / 3))
  return known
    .map((candidate) => ({ candidate, away: asked.length > 2 && bare(candidate).startsWith(asked) ? 0 : distance(asked, bare(candidate)) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away)
    .map(({ candidate }) => candidate)
}

/** How many letters must be put in, left out, changed or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : change
      row.push(Math.min(change, swapped, rows[i - 1]![j]! + 1, row[j - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
