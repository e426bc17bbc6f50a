/**
 * Which files of its space a notebook names or imports, found without running anything: Python's imports, through the files
 * that they find; texts that are the path of a file, a folder or a pattern, taken from where the notebook stands (that is where
 * it runs) and from where the file stands that says it; what magics and shell lines are given; the images of Markdown.
 *
 * A folder above the notebook's own that is named alone brings nothing but what is named as well: all of a space would come with it.
 *
 * It finds rather too much than too little: a file too many costs a link in the run's folder, one too few the run.
 */

import { type Mentions, NOTHING, together } from "#library/manifest-mentions.ts"
import { mentionsInCell, mentionsInPython } from "#library/manifest-python.ts"
import { behindFolder, fileRun, filesImported, filesNamed, foldersAbove, type Paths, within } from "#library/manifest-resolve.ts"
import { images, quotedTexts, shellWords } from "#library/manifest-words.ts"
import { folderOf } from "#library/path.ts"
import { isCode, kernelNameOf, languageFor, languageOf, type Notebook } from "#notebook/index.ts"

/** A space, as far as a notebook sees it. */
export type Surroundings = {
  readonly paths: Paths
  /** The text of a file, or a notebook; undefined when it is neither, or too large to be source. */
  read(path: string): Promise<string | Notebook | undefined>
}

/** A file may name others; more than so many are not read, whatever they say. */
const MOST_READ = 2000

type Source = { readonly path: string; readonly mentions: Mentions }

/** The paths of the files, without the notebook's own, ordered. */
export async function filesNeeded(notebook: Notebook, path: string, { paths, read }: Surroundings): Promise<readonly string[]> {
  const sources: Source[] = [{ path, mentions: mentionsInNotebook(notebook) }]
  const found = new Set<string>()
  const waiting: string[] = []
  for (let seen = 0; ; ) {
    for (const one of resolved(sources, seen, paths)) if (one !== path && !found.has(one)) waiting.push(...taken(found, one))
    seen = sources.length
    const next = waiting.splice(0)
    if (next.length === 0 || sources.length > MOST_READ) return [...found].sort()
    for (const one of next.slice(0, MOST_READ)) {
      const content = isSource(one) ? await read(one) : undefined
      if (content !== undefined) sources.push({ path: one, mentions: mentionsIn(content, one) })
    }
  }
}

function taken(found: Set<string>, path: string): string[] {
  found.add(path)
  return [path]
}

/** What the sources name, all of them when one of the new ones adds a place to look for modules in. */
function resolved(sources: readonly Source[], seen: number, paths: Paths): string[] {
  const roots = rootsOf(sources, paths)
  const fresh = sources.slice(seen).some(({ mentions }) => mentions.roots.length > 0 || mentions.runs.length > 0) ? sources : sources.slice(seen)
  return fresh.flatMap(({ path, mentions }) => filesOf({ path, mentions }, { roots, home: folderOf(sources[0]?.path ?? ""), paths }))
}

/** The folder of the notebook, those of scripts that run, and those that were added to the search path. */
function rootsOf(sources: readonly Source[], paths: Paths): string[] {
  const home = folderOf(sources[0]?.path ?? "")
  const roots = new Set([home])
  for (const { path, mentions } of sources) {
    for (const root of mentions.roots) for (const folder of [home, folderOf(path)]) roots.add(within(folder, root) ?? home)
    for (const run of mentions.runs) roots.add(folderOf(fileRun(run, home, paths) ?? `${home}/`))
  }
  return [...roots]
}

type Where = { readonly roots: readonly string[]; readonly home: string; readonly paths: Paths }

function filesOf({ path, mentions }: Source, { roots, home, paths }: Where): string[] {
  const own = folderOf(path)
  const folders = own === home ? [home] : [home, own]
  const runs = mentions.runs.flatMap((text) => folders.flatMap((folder) => fileRun(text, folder, paths) ?? []))
  const named = mentions.texts.flatMap((text) => folders.flatMap((folder) => filesNamed(text, folder, paths)))
  // Names are put together from the folder above and what is in it, or it is gone to (`os.chdir("..")`).
  const above = folders.flatMap((folder) => foldersAbove(mentions.texts, folder))
  const below = above.flatMap((folder) => mentions.texts.flatMap((text) => filesNamed(behindFolder(text), folder, paths)))
  const imported = mentions.imports.flatMap((one) => filesImported(one, { roots, own }, paths))
  return [...runs, ...named, ...below, ...imported]
}

/** Endings of files that are read because they may name others, and the language of each. */
const LANGUAGES: { readonly [ending: string]: string } = {
  py: "python",
  r: "r",
  jl: "julia",
  js: "javascript",
  mjs: "javascript",
  ts: "typescript",
  sh: "bash",
  ipynb: "notebook",
}

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase()
}

function isSource(path: string): boolean {
  return Object.hasOwn(LANGUAGES, endingOf(path))
}

function mentionsIn(content: string | Notebook, path: string): Mentions {
  return typeof content === "string" ? mentionsInText(content, LANGUAGES[endingOf(path)] ?? "") : mentionsInNotebook(content)
}

function mentionsInText(source: string, language: string): Mentions {
  if (language === "python") return mentionsInPython(source)
  return language === "bash" ? shellWords(source) : quotedTexts(source, language)
}

/** What leads to folders above, as it is written: `../data.csv`, and the folders in which modules are looked for as well. */
export function namedAbove(notebook: Notebook): readonly string[] {
  const { texts, runs, roots } = mentionsInNotebook(notebook)
  const named = [...texts, ...runs].filter((text) => /^(?:\.\/)?(?:\.\.\/)+[^\s./][^\n]*$/.test(text))
  return [...new Set([...named, ...roots.filter((root) => /^(?:\.\/)?\.\.(?:\/|$)/.test(root))])]
}

function mentionsInNotebook(notebook: Notebook): Mentions {
  const language = languageFor(kernelNameOf(notebook), languageOf(notebook))
  return together(
    notebook.cells.map((cell) => {
      if (cell.cell_type === "markdown") return images(cell.source)
      if (!isCode(cell)) return NOTHING
      // A notebook that does not say what it is in is most often in Python.
      return language === "python" || language === undefined ? mentionsInCell(cell.source) : mentionsInText(cell.source, language)
    }),
  )
}
