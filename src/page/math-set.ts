/**
 * Formulas as KaTeX gives them in MathML, which browsers set themselves: no fonts to bring, nothing to load. `trust` is off, so no
 * command makes a link, a class or a style.
 */
import katex from "katex"
import { html, type Markup, trusted } from "#page/markup.ts"
import { LARGEST, type Macros, withoutEqnarray } from "#page/math.ts"

export function math(tex: string, display: boolean, macros: Macros): Markup {
  const source = tex.trim()
  if (source === "" || source.length > LARGEST) return plainTex(source, "")
  try {
    // KaTeX writes ` class ="` for table glue; quotes in text are escaped, so this cannot be anything else.
    const markup = katex
      .renderToString(withoutEqnarray(source), {
        displayMode: display,
        output: "mathml",
        trust: false,
        strict: "ignore",
        maxSize: 20,
        maxExpand: 1000,
        globalGroup: true,
        macros,
      })
      .replaceAll(' class ="', ' class="')
    return display ? html`<span class="math display">${trusted(markup)}</span>` : html`<span class="math">${trusted(markup)}</span>`
  } catch (error) {
    return plainTex(source, error instanceof Error ? error.message : "")
  }
}

function plainTex(source: string, why: string): Markup {
  return html`<code class="tex"${why && html` title="${why.slice(0, 300)}"`}>${source}</code>`
}
