/** The files that a run wrote, put into the blob store. */
import { toError } from "#base/fault.ts"
import type { Keep } from "#work/blobs.ts"
import type { Scratch, WrittenLimits } from "#work/ports.ts"
import type { Kept } from "#work/sql/end.ts"

const ARTIFACT_LIMITS: WrittenLimits = { files: 1_000, fileBytes: 2_000_000_000, totalBytes: 5_000_000_000 }

export async function artifactsOf(
  scratch: Scratch,
  keep: Keep,
): Promise<{ readonly artifacts: Kept["artifacts"]; readonly left: readonly string[] }> {
  const written = scratch.written(ARTIFACT_LIMITS)
  const artifacts: Kept["artifacts"][number][] = []
  const left = [...written.left]
  for (const file of written.files) {
    try {
      artifacts.push({ path: file.path, mediaType: mediaTypeOf(file.path), ...(await keep(file.read())) })
    } catch (error) {
      left.push(`${file.path} could not be kept: ${toError(error).message}`)
    }
  }
  return { artifacts, left }
}

const MEDIA_TYPES: { readonly [ending: string]: string } = {
  csv: "text/csv",
  gif: "image/gif",
  html: "text/html",
  ipynb: "application/x-ipynb+json",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
  webp: "image/webp",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  zip: "application/zip",
}

function mediaTypeOf(path: string): string {
  const ending = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""
  return Object.hasOwn(MEDIA_TYPES, ending) ? MEDIA_TYPES[ending]! : "application/octet-stream"
}
