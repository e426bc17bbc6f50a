/** What a piece of source names that may be a file beside it. Whether it is one is manifest-resolve.ts's question. */

/** `import a.b` is { level: 0, module: "a.b", names: [] }; `from ..p import x, y` is { level: 2, module: "p", names: ["x", "y"] }. */
export type Import = { readonly level: number; readonly module: string; readonly names: readonly string[] }

export type Mentions = {
  readonly imports: readonly Import[]
  /** Texts that may be a path, a folder, or a pattern with `*`, `?` and `[…]`. */
  readonly texts: readonly string[]
  /** Files whose code runs as if it stood here: `%run other`, with or without an ending. */
  readonly runs: readonly string[]
  /** Folders in which modules are looked for as well. */
  readonly roots: readonly string[]
}

export const NOTHING: Mentions = { imports: [], texts: [], runs: [], roots: [] }

export function together(all: readonly Mentions[]): Mentions {
  return {
    imports: all.flatMap(({ imports }) => imports),
    texts: [...new Set(all.flatMap(({ texts }) => texts))],
    runs: [...new Set(all.flatMap(({ runs }) => runs))],
    roots: [...new Set(all.flatMap(({ roots }) => roots))],
  }
}
