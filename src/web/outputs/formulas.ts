/** TeX set by KaTeX, which is fetched when the first formula is met. It builds nodes itself: no text of others becomes markup. */
import { LARGEST, type Macros, withoutEqnarray } from "#page/parts.ts"

type Katex = typeof import("katex")["default"]

let katex: Promise<Katex> | undefined

function load(): Promise<Katex> {
  katex ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(([module]) => module.default)
  return katex
}

/** Commands that one formula defines hold for those after it that are given the same macros. Until it is set, and if it cannot be, the source stands. */
export function setFormula(place: HTMLElement, formula: { readonly tex: string; readonly display: boolean }, macros: Macros): void {
  const tex = formula.tex.trim()
  place.textContent = tex
  if (tex === "" || tex.length > LARGEST) return
  void load()
    .then(({ render }) =>
      render(withoutEqnarray(tex), place, {
        displayMode: formula.display,
        output: "htmlAndMathml",
        trust: false,
        strict: "ignore",
        throwOnError: true,
        maxSize: 20,
        maxExpand: 1000,
        globalGroup: true,
        macros,
      }),
    )
    .catch((error: unknown) => {
      place.textContent = tex
      place.title = error instanceof Error ? error.message.slice(0, 300) : ""
    })
}
