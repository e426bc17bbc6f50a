import type { Table } from "#database/catalog/read.ts"

/** Tables so that what one refers to comes before it. @throws Error when they refer to each other in a circle */
export function inOrder(tables: readonly Table[]): readonly Table[] {
  const done: Table[] = []
  let left = tables
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const free = left.filter((table) => references(table).every((name) => name === table.name || !names.has(name)))
    if (free.length === 0) throw new Error(`these tables refer to each other in a circle and cannot be put in an order: ${[...names].join(", ")}`)
    done.push(...free)
    left = left.filter((table) => !free.includes(table))
  }
  return done
}

function references({ constraints }: Table): readonly string[] {
  return constraints.flatMap(({ kind, definition }) => (kind === "f" ? [/ REFERENCES (\w+)/.exec(definition)?.[1] ?? ""] : []))
}
