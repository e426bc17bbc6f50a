/** Modules and magics that are not there. */
import { type Finding, finding, type Rule, type Subject } from "#notebook/analysis/findings.ts"
import type { Import } from "#notebook/analysis/names.ts"
import { packageFor } from "#notebook/analysis/packages.ts"

export const missingImports: Rule = (subject) => {
  const { modules } = subject.circumstances
  if (modules === undefined) return []
  if (subject.language === "r") return missingPackages(subject, modules)
  const seen = new Set<string>()
  return subject.cells.flatMap((cell) =>
    cell.names.imports.flatMap((one): Finding[] => {
      const [top = ""] = one.module.split(".")
      if (top === "" || modules.has(top) || one.guarded || one.chance === "unlikely" || seen.has(`${top} ${one.inFunction}`)) return []
      if (liesBeside(subject, top) || cell.mayRaise) return []
      seen.add(`${top} ${one.inFunction}`)
      return [missing(cell, one, top, mayBring(subject, top))]
    }),
  )
}

const ADDS_R = /^\.?(?:install\.packages|install_\w+|pkg_install|p_load|p_install|p_load_gh|restore|hydrate|biocLite|install|\.libPaths|load_all)$/

/** R names a package where it loads it, and where it uses something of it. */
function missingPackages({ cells }: Subject, modules: ReadonlySet<string>): readonly Finding[] {
  const seen = new Set<string>()
  const brings = cells.some(({ names }) => names.calls.some(({ callee }) => ADDS_R.test(callee)))
  return cells.flatMap((cell) =>
    cell.names.imports.flatMap((one): Finding[] => {
      const { module, guarded, chance, inFunction, manner } = one
      if (modules.has(module) || guarded || chance === "unlikely" || cell.mayRaise || seen.has(module)) return []
      seen.add(module)
      const isCertain = !brings && !inFunction && chance === "sure" && manner !== "told"
      const more = brings
        ? "; the notebook installs packages itself, which may bring it"
        : manner === "told"
          ? ", and `require` goes on without it"
          : ""
      return [
        finding("missing_import", cell, {
          kind: isCertain ? "breaks" : "advice",
          span: one,
          why: `The environment has no package \`${module}\`${more}.`,
        }),
      ]
    }),
  )
}

function missing(cell: Subject["cells"][number], one: Import, top: string, may: string): Finding {
  const name = packageFor(one.module, one.member)
  const wanted = name === top ? `\`${top}\`` : `\`${top}\` (package ${name})`
  const isCertain = !one.inFunction && may === ""
  return finding("missing_import", cell, {
    kind: isCertain ? "breaks" : "advice",
    span: one,
    why: `The environment has no ${wanted}${may === "" ? "" : `; the notebook ${may}, which may bring it`}.`,
  })
}

const ADDS_FOLDERS = /(?:^|\.)(?:sys\.path\.(?:append|insert|extend)|addsitedir)$/

function mayBring(subject: Subject, top: string): string {
  if (installs(subject)) return "installs packages itself"
  if (writesModule(subject, top)) return "writes a file of that name itself"
  const adds = subject.cells.some(({ names }) => names.calls.some(({ callee }) => ADDS_FOLDERS.test(callee)))
  return adds ? "imports from other folders too" : ""
}

const INSTALLS = /\binstall\b|^\s*add\b/
const MAKES_FILES = /^(?:!|%writefile|%file|%bash|%sh|%!|%script|sx|system|%system)$/

/** `%%writefile top.py`, `open("top/part.py", "w")`, `!git clone …/top` */
function writesModule({ cells }: Subject, top: string): boolean {
  // Of an address only what comes last is put here: github.com/tensorflow/models brings no tensorflow.
  const isIt = (word: string) =>
    word
      .split("/")
      .slice(word.includes("://") ? -1 : 0)
      .some((part) => part === top || part === `${top}.py` || part === `${top}.git`)
  return cells.some(
    ({ names }) =>
      names.magics.some(({ name, line }) => MAKES_FILES.test(name) && !INSTALLS.test(line) && line.split(/[\s'"=;]+/).some(isIt)) ||
      names.texts.some(({ value }) => value === `${top}.py` || (value.startsWith(`${top}/`) && value.endsWith(".py"))),
  )
}

export function liesBeside({ circumstances: { hasFile } }: Subject, top: string): boolean {
  return hasFile !== undefined && (hasFile(`${top}.py`) !== false || hasFile(top) !== false)
}

/** Without a network nothing is installed. */
export function installs({ cells, circumstances: { hasNetwork } }: Subject): boolean {
  if (hasNetwork === false) return false
  return cells.some(({ names }) => names.magics.some(({ name, line }) => /^(?:!|pip|conda|mamba|uv|%bash|%sh)$/.test(name) && INSTALLS.test(line)))
}

/** Magics that come with an extension; some have several. */
const EXTENSIONS: { readonly [magic: string]: string } = {
  autoreload: "autoreload",
  aimport: "autoreload",
  "%cython": "cython Cython",
  "%R": "rpy2.ipython",
  R: "rpy2.ipython",
  "%sql": "sql",
  sql: "sql",
  memit: "memory_profiler",
  "%memit": "memory_profiler",
  mprun: "memory_profiler",
  lprun: "line_profiler",
  "%bigquery": "google.cloud.bigquery bigframes",
  watermark: "watermark",
  tensorboard: "tensorboard tensorboard.notebook",
}

/** Magics of one service, which no other kernel has. */
const FOREIGN = /^(?:tensorflow_version|%shell|shell|%configure|%spark|%local|fs|%fs|%md|md|%sh_remote|%pyspark|%synapse|%databricks|sx_remote)$/

export const magicNotLoaded: Rule = ({ cells, notebook, language }) => {
  if (language !== "python") return []
  const loaded = new Set<string>()
  const isElsewhere = /spark|synapse|databricks|colab/i.test(JSON.stringify(notebook.metadata["kernelspec"] ?? ""))
  return cells.flatMap((cell) =>
    cell.names.magics.flatMap((magic): Finding[] => {
      if (magic.name === "load_ext" || magic.name === "reload_ext") for (const word of magic.line.trim().split(/\s+/)) loaded.add(word)
      if (cell.mayRaise || isElsewhere) return []
      if (FOREIGN.test(magic.name)) {
        return [
          finding("magic_not_loaded", cell, {
            kind: "breaks",
            span: magic,
            why: `\`%${magic.name}\` belongs to a hosted service; a plain kernel does not know it.`,
          }),
        ]
      }
      const brings = Object.hasOwn(EXTENSIONS, magic.name) ? EXTENSIONS[magic.name] : undefined
      if (!brings || brings.split(" ").some((each) => [...loaded].some((one) => one === each || one.startsWith(`${each}.`) || one.endsWith(each))))
        return []
      const [extension = ""] = brings.split(" ")
      const edit = { kind: "replace", cell: cell.id, from: magic.from, to: magic.from, text: `%load_ext ${extension}\n` } as const
      const fix = { title: `Add \`%load_ext ${extension}\``, isSafe: true, edits: [edit] }
      return [
        finding("magic_not_loaded", cell, {
          kind: "breaks",
          span: magic,
          why: `\`%${magic.name}\` comes with the extension ${extension}, which nothing loads before.`,
          ...(magic.name.startsWith("%") ? {} : { fix }),
        }),
      ]
    }),
  )
}
