/** A notebook with nothing in it. Pure. */

export type KernelChoice = { readonly name: string; readonly displayName: string; readonly language: string }

/** As Jupyter writes one: nbformat 4.5, one empty cell. */
export function blankNotebook(kernel: KernelChoice, cellId: string): Uint8Array {
  const notebook = {
    cells: [{ cell_type: "code", execution_count: null, id: cellId, metadata: {}, outputs: [], source: [] }],
    metadata: {
      kernelspec: { display_name: kernel.displayName, language: kernel.language, name: kernel.name },
      language_info: { name: kernel.language },
    },
    nbformat: 4,
    nbformat_minor: 5,
  }
  return new TextEncoder().encode(`${JSON.stringify(notebook, undefined, 1)}\n`)
}

/** The file name of a title: what paths do not take becomes a blank. */
export function fileNameOf(title: string): string {
  const name = title
    .replace(/[/\\:*?"<>|\p{Cc}]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim()
    .replace(/^\.+/u, "")
  return `${name.replace(/\.ipynb$/iu, "").trim() || "Untitled"}.ipynb`
}
