/** Streams of one name that follow each other are one text. Pure. */
import type { LiveOutput } from "#api/live.ts"
import { textOf } from "#web/outputs/bundle.ts"

export function joined(outputs: readonly LiveOutput[]): readonly LiveOutput[] {
  const made: { output: LiveOutput; texts: string[] }[] = []
  for (const output of outputs) {
    const last = made.at(-1)
    const texts = output.output_type === "stream" ? [textOf(output["text"]) ?? ""] : []
    if (last && texts.length > 0 && last.texts.length > 0 && last.output["name"] === output["name"]) last.texts.push(...texts)
    else made.push({ output, texts })
  }
  return made.map(({ output, texts }) => (texts.length > 1 ? { ...output, text: texts.join("") } : output))
}
