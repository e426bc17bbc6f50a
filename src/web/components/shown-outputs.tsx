/** Outputs of every kind that is drawn by the app, and one that lives in a frame. */
import type { LiveOutput } from "#api/live.ts"
import { CellOutputs } from "#web/outputs/cell-outputs.tsx"

// Six bars, 120 × 48.
const BARS =
  "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAwCAMAAADtsU7hAAAABlBMVEUfWpnp7vQ5EnONAAAASElEQVR42u3TKw4AIAxEwXL/S6MJBgj/zMonOqqRDi3AYPBrcBQDg2+Gq4Ng8JdwUwODt8PDbwJ+Gp7awFvh5QgYDAaDwV0tA/2cDfmDVlFDAAAAAElFTkSuQmCC"
const TABLE = `<table border="1" class="dataframe"><thead><tr><th></th><th>city</th><th>people</th></tr></thead><tbody>${["Bern", "Köln", "São Paulo"]
  .map((city, at) => `<tr><th>${at}</th><td>${city}</td><td>${(at + 1) * 120_000}</td></tr>`)
  .join("")}</tbody></table><p>60 rows × 2 columns</p>`
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="60"><rect width="160" height="60" fill="#1f5a99"/><circle cx="80" cy="30" r="22" fill="#fbfaf7"/></svg>`

const shown = (data: Readonly<Record<string, unknown>>): LiveOutput => ({ output_type: "display_data", data, metadata: {} })

const KINDS: readonly (readonly [string, readonly LiveOutput[]])[] = [
  [
    "Printed text, with colours",
    [{ output_type: "stream", name: "stdout", text: "plain \u001b[1;31mred\u001b[0m \u001b[32mgreen\u001b[0m \u001b[44mon blue\u001b[0m\n" }],
  ],
  ["Warnings", [{ output_type: "stream", name: "stderr", text: "UserWarning: the column is empty\n" }]],
  ["A long text", [{ output_type: "stream", name: "stdout", text: Array.from({ length: 400 }, (_, line) => `line ${line}`).join("\n") }]],
  [
    "An error",
    [
      {
        output_type: "error",
        ename: "KeyError",
        evalue: "'APAC'",
        traceback: ["Traceback (most recent call last)", "Cell In[2], line 1\n----> 1 share['APAC']", "KeyError: 'APAC'"],
      },
    ],
  ],
  ["A table", [shown({ "text/html": TABLE, "text/plain": "a table" })]],
  ["A picture", [shown({ "image/png": BARS })]],
  ["A drawing", [shown({ "image/svg+xml": SVG })]],
  ["Markdown and formulas", [shown({ "text/markdown": "**Revenue** rose by 12 %.\n\n$$\\sum_{i=1}^{n} x_i$$" })]],
  ["JSON", [shown({ "application/json": { region: "EU", weeks: [1, 2, 3], nested: { deep: true, nothing: null } } })]],
  [
    "What acts, in a frame",
    [shown({ "text/html": "<p id='here'></p><script>document.getElementById('here').textContent = 'drawn by a script'</script>" })],
  ],
  ["A kind that nobody knows", [shown({ "application/x-nobody-knows": "?" })]],
]

export function Outputs() {
  return KINDS.map(([title, outputs], at) => (
    <div key={title}>
      <h3>{title}</h3>
      <CellOutputs outputs={outputs} scope="components" cell={`output-${at}`} />
    </div>
  ))
}
