/** What a template says of itself: the prose that its notebook begins with, before the first code. */
import { resolveVersion, type VersionRow, versionBytes } from "#library/index.ts"
import { isCode, read } from "#notebook/index.ts"
import { SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"

const MOST = 8000

type Library = Pick<TemplateWorld, "library">
type Described = { readonly notebook: { readonly id: string }; readonly version: number | null; readonly description: string | null }

/** For everybody who may see the template: prose is shown where code is not. Markdown. */
export async function describe(world: Library, { notebook, version, description }: Described): Promise<string> {
  if (description !== null) return description
  if (version === null) return ""
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook: notebook.id, version, evenTrashed: true })
  return found.ok ? proseOf(world, found.value) : ""
}

export async function proseOf({ library }: Library, version: VersionRow): Promise<string> {
  const reading = read(await versionBytes(library, version))
  if (!reading.ok) return ""
  const { cells } = reading.value.notebook
  const end = cells.findIndex(isCode)
  const prose = cells.slice(0, end < 0 ? cells.length : end).filter(({ cell_type: type }) => type === "markdown")
  return prose
    .map(({ source }) => source)
    .join("\n\n")
    .replaceAll("\0", "")
    .slice(0, MOST)
    .toWellFormed()
}
