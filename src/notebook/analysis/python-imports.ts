/** What Python's imports bring. */

import type { Definition } from "#notebook/analysis/names.ts"
import { define, open, spanOf, text, type Walk } from "#notebook/analysis/python-expressions.ts"
import { starNames } from "#notebook/analysis/python-stars.ts"
import type { Syntax } from "#notebook/parameters-syntax.ts"

export function imports(walk: Walk, node: Syntax): void {
  const at = node.children.findIndex((part) => part.kind === "import")
  const rest = node.children.slice(at + 1).filter((part) => !["(", ")", "Comment"].includes(part.kind))
  const module = node.children
    .slice(1, at)
    .map((part) => text(walk, part))
    .join("")
  for (const item of split(rest)) importOne(walk, node, { item, from: node.children[0]?.kind === "from" ? module : undefined })
}

function split(parts: readonly Syntax[]): readonly (readonly Syntax[])[] {
  const items: Syntax[][] = [[]]
  for (const part of parts) {
    if (part.kind === ",") items.push([])
    else items.at(-1)?.push(part)
  }
  return items.filter((item) => item.length > 0)
}

function importOne(walk: Walk, node: Syntax, { item, from }: { readonly item: readonly Syntax[]; readonly from: string | undefined }): void {
  const cut = item.findIndex((part) => part.kind === "as")
  const path = (cut < 0 ? item : item.slice(0, cut)).map((part) => text(walk, part)).join("")
  const bound = cut < 0 ? item[0] : item[cut + 1]
  const common = { ...spanOf(walk, node), guarded: walk.guarded, chance: walk.chance, inFunction: walk.inFunction }
  walk.facts.imports.push({ module: from ?? path, member: from === undefined ? "" : path, as: bound ? text(walk, bound) : "", ...common })
  if (path === "*") star(walk, node, from ?? "")
  else if (bound) define(walk, bound, { how: "import", brings: broughtBy({ path, from, isRenamed: cut >= 0 }) })
}

function star(walk: Walk, node: Syntax, module: string): void {
  const names = starNames(module)
  if (!names || walk.inFunction) return open(walk, node, `from ${module} import *`)
  for (const name of names)
    walk.out.push({ do: "define", name, ...spanOf(walk, node), how: "import", chance: walk.chance, bodies: [], literal: false })
}

type Written = { readonly path: string; readonly from: string | undefined; readonly isRenamed: boolean }

/** `import a.b` gives the name `a` to the module a, `import a.b as c` gives the name `c` to a.b. */
function broughtBy({ path, from, isRenamed }: Written): NonNullable<Definition["brings"]> {
  if (from !== undefined) return { module: from, member: path }
  if (isRenamed || !path.includes(".")) return { module: path, member: "" }
  return { module: path.split(".")[0] ?? path, member: "", loads: path }
}
