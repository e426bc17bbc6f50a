/** In what two descriptions differ, for people. */
import type { Description } from "#environment/description.ts"

const MOST = 3

/** "numpy 2.1.0 → 2.2.1, pandas is gone and 4 more"; "" when nothing that is told differs. */
export function difference(before: Description, now: Description): string {
  const all = differences(before, now)
  const more = all.length - MOST
  return all.slice(0, MOST).join(", ") + (more > 0 ? ` and ${more} more` : "")
}

/** All of them, each in a few words. */
export function differences(before: Description, now: Description): readonly string[] {
  return [
    ...changed("", nameAndVersion(before.interpreter), nameAndVersion(now.interpreter)),
    ...changed("", Object.values(before.platform).join(" "), Object.values(now.platform).join(" ")),
    ...changed("its command is now", before.kernel.argv.join(" "), now.kernel.argv.join(" ")),
    ...packages(before, now),
  ]
}

function packages(before: Description, now: Description): readonly string[] {
  const then = new Map(before.packages.map(({ name, version }) => [name, version]))
  const today = new Map(now.packages.map(({ name, version }) => [name, version]))
  const names = [...new Set([...then.keys(), ...today.keys()])].sort()
  return names.flatMap((name) => {
    const [old, recent] = [then.get(name), today.get(name)]
    if (old === recent) return []
    if (old === undefined) return [`${name} ${recent} is new`]
    return recent === undefined ? [`${name} is gone`] : [`${name} ${old} → ${recent}`]
  })
}

function nameAndVersion({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`.trim()
}

function changed(prefix: string, before: string, now: string): readonly string[] {
  if (before === now) return []
  return [prefix === "" ? `${before} → ${now}` : `${prefix} ${now}`]
}
