/** The notebooks that both apps open. Deterministic, so that all rounds see the same. */

type CellOf = { readonly source: string; readonly text?: string; readonly kind?: "markdown" }

/** Names of files to their bytes; `divide` makes them smaller by that much. */
export function makeNotebooks(divide: number): Readonly<Record<string, Uint8Array>> {
  const many = (count: number) => Math.max(20, Math.floor(count / divide))
  return {
    "open-500.ipynb": bytes(range(many(500), withOutput)),
    "type-2000.ipynb": bytes(range(many(2000), (i) => ({ source: codeOf(i) }))),
    "scroll-10000.ipynb": bytes(range(many(10_000), (i) => (i % 7 === 3 ? prose(i) : withOutput(i)))),
    "run.ipynb": bytes([
      ...range(40, (i) => ({ source: `print("said ${i}")` })),
      { source: `for i in range(${many(100_000)}):\n    print("line", i)` },
    ]),
  }
}

function range<Made>(count: number, make: (index: number) => Made): Made[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function codeOf(i: number): string {
  return `# step ${i}\nvalues_${i} = [n * ${i} for n in range(10)]\ntotal_${i} = sum(values_${i})\nif total_${i} > ${i * 3}:\n    print("large", total_${i})`
}

function withOutput(i: number): CellOf {
  return { source: codeOf(i), text: range(4, (line) => `row ${line} of ${i}: ${"=".repeat((i * 7 + line * 13) % 60)}`).join("\n") }
}

function prose(i: number): CellOf {
  return {
    kind: "markdown",
    source: `## Part ${i}\n\nWhat follows *was measured* with the numbers of part ${i}, and $x_${i}^2$ is not more than a guess.`,
  }
}

function bytes(cells: readonly CellOf[]): Uint8Array {
  const written = cells.map(({ source, text, kind = "code" }, index) => ({
    id: `cell-${index}`,
    cell_type: kind,
    metadata: {},
    source,
    ...(kind === "markdown"
      ? {}
      : {
          execution_count: text === undefined ? null : index + 1,
          outputs: text === undefined ? [] : [{ output_type: "stream", name: "stdout", text }],
        }),
  }))
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3 (ipykernel)", language: "python" }, language_info: { name: "python" } }
  return new TextEncoder().encode(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: written }))
}
