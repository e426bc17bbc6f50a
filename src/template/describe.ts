/** What a template says of itself: the prose that its notebook begins with, before the first code. */
import { resolveVersion, versionBytes } from "#library/index.ts"
import { isCode, read } from "#notebook/index.ts"
import { SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRow } from "#template/sql/template-row.ts"

const MOST = 8000

/** Of the newest promotion, for everybody who may see the template: prose is shown where code is not. Markdown. */
export async function describe({ library }: Pick<TemplateWorld, "library">, { notebook, version }: TemplateRow): Promise<string> {
  if (version === null) return ""
  const found = await resolveVersion(library, SYSTEM, "read", { notebook: notebook.id, version, evenTrashed: true })
  const reading = found.ok ? read(await versionBytes(library, found.value)) : undefined
  if (!reading?.ok) return ""
  const { cells } = reading.value.notebook
  const end = cells.findIndex(isCode)
  const prose = cells.slice(0, end < 0 ? cells.length : end).filter(({ cell_type: type }) => type === "markdown")
  return prose
    .map(({ source }) => source)
    .join("\n\n")
    .slice(0, MOST)
    .toWellFormed()
}
