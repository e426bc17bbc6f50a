/** Results and single outputs: bytes from the blob store, and pages drawn from them. */
import type { AnyRefusal } from "#api/problem.ts"
import type { ByteSource } from "#api/serve/answer.ts"
import type { Api, Handler } from "#api/serve/handler.ts"
import { isList, isObject, type Json, own, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Notebook, type Output, read, reportOf, write as writeNotebook } from "#notebook/index.ts"
import { page } from "#page/index.ts"
import { type ResultRef, type RunRow, resultOf } from "#work/index.ts"

export function blobSource({ world }: Api, { sha256, sizeBytes, mediaType, fileName }: Omit<ByteSource, "pieces">): ByteSource {
  return { sha256, sizeBytes, mediaType: safeType(mediaType), fileName, pieces: () => world.library.blobs.stream(sha256) }
}

/** A type that a browser would act on by itself is never named: it is for saving. */
function safeType(mediaType: string): string {
  if (!/^[\w.+-]+\/[\w.+-]+$/u.test(mediaType)) return "application/octet-stream"
  return /html|xml|svg|script|ecmascript|pdf|flash|x-ipynb/iu.test(mediaType) && mediaType !== "application/x-ipynb+json"
    ? "application/octet-stream"
    : mediaType
}

export const resultPage: Handler<"getResultPage"> = async ({ api, actor, params, query }) => {
  const found = await resultOf(api.world.work, actor, { id: params.run, attempt: query.attempt })
  if (!found.ok) return found
  const notebook = await notebookOf(api, found.value)
  return accepted({
    kind: "page",
    html: page(notebook, { source: `${found.value.run.spaceName}/${found.value.run.notebookPath}`, now: api.world.clock.now() }),
  })
}

/** The result as the asker may see it. */
export async function notebookOf({ world }: Api, { sha256, run }: Pick<ResultRef, "sha256" | "run">): Promise<Notebook> {
  const reading = read(await world.library.blobs.get(sha256))
  if (!reading.ok) throw new Error(`the result ${sha256} is no notebook: ${reading.refusal.message}`)
  return run.codeHidden ? reportOf(reading.value.notebook) : reading.value.notebook
}

export const resultSource: Handler<"getResult"> = async ({ api, actor, params, query }) => {
  const found = await resultOf(api.world.work, actor, { id: params.run, attempt: query.attempt })
  if (!found.ok) return found
  const named = { mediaType: "application/x-ipynb+json", fileName: resultName(found.value.run) }
  if (!found.value.run.codeHidden) return accepted({ kind: "bytes", source: blobSource(api, { ...found.value, ...named }) })
  const bytes = Buffer.from(writeNotebook(await notebookOf(api, found.value)), "utf8")
  return accepted({ kind: "bytes", source: { ...named, sha256: api.world.sha256(bytes), sizeBytes: bytes.length, pieces: async () => bytes } })
}

/** `Q3.ipynb` becomes `Q3-01ABC….ipynb`: results of many runs end up in one folder of downloads. */
function resultName({ notebookPath, id }: RunRow): string {
  return `${notebookPath
    .split("/")
    .at(-1)
    ?.replace(/\.ipynb$/u, "")}-${id}.ipynb`
}

export const outputSource: Handler<"getOutput"> = async ({ api, actor, params, query }) => {
  const found = await resultOf(api.world.work, actor, { id: params.run, attempt: query.attempt })
  if (!found.ok) return found
  const notebook = await notebookOf(api, found.value)
  const cell = notebook.cells[params.cell]
  const output = cell?.outputs?.[params.output]
  if (!output) return noSuchOutput(`Cell ${params.cell} of this result has no output ${params.output}.`)
  const drawn = bytesOf(output, query.mediaType)
  if (!drawn.ok) return drawn
  const { bytes, mediaType } = drawn.value
  const fileName = `${found.value.run.id}-cell-${params.cell}-output-${params.output}${EXTENSIONS[mediaType] ?? ""}`
  const source: ByteSource = {
    sha256: api.world.sha256(bytes),
    sizeBytes: bytes.length,
    mediaType: safeType(mediaType),
    fileName,
    pieces: async () => bytes,
  }
  return accepted({ kind: "bytes", source })
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "text/plain": ".txt",
  "text/html": ".html",
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/svg+xml": ".svg",
  "application/json": ".json",
  "text/csv": ".csv",
  "text/markdown": ".md",
  "application/pdf": ".pdf",
}

type Drawn = { readonly bytes: Uint8Array; readonly mediaType: string }

function bytesOf(output: Output, asked: string | undefined): Outcome<Drawn, AnyRefusal> {
  const { output_type: type } = output
  if (type === "stream") return textual(own(output, "text") ?? "", "text/plain", asked)
  if (type === "error") return textual(own(output, "traceback") ?? [], "text/plain", asked, "\n")
  const data = own(output, "data")
  const types = isObject(data) ? Object.keys(data) : []
  const mediaType = asked ?? RICHEST.find((one) => types.includes(one)) ?? types[0]
  const value = isObject(data) && mediaType !== undefined ? own(data, mediaType) : undefined
  if (value === undefined || mediaType === undefined)
    return noSuchOutput(types.length === 0 ? "This output holds nothing." : `This output comes as ${types.join(", ").slice(0, 500)}.`)
  const text = textOf(value)
  const isBinary = /^(image\/(?!svg)|application\/pdf|audio\/|video\/)/u.test(mediaType)
  return accepted({ bytes: isBinary ? Buffer.from(text, "base64") : Buffer.from(text, "utf8"), mediaType })
}

const RICHEST = ["image/png", "image/jpeg", "image/svg+xml", "text/html", "text/markdown", "application/json", "text/plain"]

function textual(value: Json, mediaType: string, asked: string | undefined, between = ""): Outcome<Drawn, AnyRefusal> {
  if (asked !== undefined && asked !== mediaType) return noSuchOutput(`This output comes as ${mediaType}.`)
  return accepted({ bytes: Buffer.from(textOf(value, between), "utf8"), mediaType })
}

function textOf(value: Json, between = ""): string {
  if (typeof value === "string") return value
  return isList(value) && value.every((line) => typeof line === "string") ? value.join(between) : write(value)
}

function noSuchOutput(message: string): { readonly ok: false; readonly refusal: AnyRefusal } {
  return refused({ refused: "no_such_output", message, remedy: "See the result for what there is." })
}
