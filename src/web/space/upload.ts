/** Files on their way in: what each becomes, and how far it is. */
import type { Answered } from "#api/contract.ts"
import { pathIn } from "#web/app/places.ts"
import { sendBytes } from "#web/app/send-bytes.ts"

/** A file with its path as it was dropped: `folder/in/it.csv`. */
export type Picked = { readonly file: File; readonly path: string }
/** `keepsZip`: an archive is put in as it is, for cells to open. */
export type Landing = { readonly space: string; readonly folder: string; readonly keepsZip?: boolean }
/** What became of it, in words; where a notebook came of it, its id. */
export type Landed = { readonly words: string; readonly notebook?: string; readonly warnings: readonly string[] }

/** Sends one file. `progress`: from 0 to 1. @throws ApiProblem with the server's reason */
export async function upload(
  { file, path }: Picked,
  { space, folder, keepsZip = false }: Landing,
  progress: (part: number) => void,
): Promise<Landed> {
  const at = pathIn(folder, path)
  if (/\.ipynb$/iu.test(path)) {
    const url = `/api/v1/notebooks?${new URLSearchParams({ space, path: at })}`
    return savedWords(await sendBytes<never>({ method: "POST", url, type: "application/x-ipynb+json", file }, progress))
  }
  if (!keepsZip && /\.zip$/iu.test(path)) {
    const url = `/api/v1/import?${new URLSearchParams({ space, folder })}`
    return importWords(await sendBytes<never>({ method: "POST", url, type: "application/zip", file }, progress))
  }
  await sendBytes(
    { method: "PUT", url: `/api/v1/files/content?${new URLSearchParams({ space, path: at })}`, type: "application/octet-stream", file },
    progress,
  )
  return { words: "put in", warnings: [] }
}

function savedWords({ notebook, version, created, repairs, lacks }: Answered<"createNotebook">): Landed {
  const words = !created ? "the same as what is there" : version.number === 1 ? "put in" : `version ${version.number} of what is there`
  return { words, notebook: notebook.id, warnings: [...repairs.map((repair) => `Repaired: ${repair}`), ...lackWords(notebook.path, lacks)] }
}

function importWords({ entries }: Answered<"importZip">): Landed {
  const count = (outcome: string) => entries.filter((entry) => entry.outcome === outcome).length
  const parts = [
    [count("imported"), "put in"],
    [count("same"), "the same"],
    [count("skipped"), "skipped"],
    [count("refused"), "not taken"],
  ] as const
  const words = parts.flatMap(([many, what]) => (many === 0 ? [] : [`${many} ${what}`])).join(", ") || "nothing in it"
  const warnings = entries.flatMap(({ outcome, path, reason, lacks }) => [
    ...(outcome === "refused" ? [`${path}: ${reason ?? "not taken"}`] : []),
    ...lackWords(path, lacks),
  ])
  const only = entries.filter(({ notebook }) => notebook !== undefined)
  return { words, warnings, ...(only.length === 1 && only[0]?.notebook ? { notebook: only[0].notebook } : {}) }
}

function lackWords(path: string, lacks: readonly string[] | undefined): readonly string[] {
  if (!lacks) return []
  return [`${path} names ${lacks.join(", ")}, above what you sent: send the folder that holds both, or put it where the notebook looks for it.`]
}

/** What was dropped or chosen, folders opened. */
export async function pickedFrom(items: DataTransferItemList): Promise<readonly Picked[]> {
  // Entries are gone once the event is over, so that all are taken before the first is waited for.
  // What a mail or a page hands over is a file that stands in no folder, and has no entry.
  const taken = [...items].flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? [])
  return (await Promise.all(taken.map((one) => (one instanceof File ? pickedFiles([one]) : filesIn(one, ""))))).flat()
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<readonly Picked[]> {
  const path = pathIn(folder, entry.name)
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ file, path }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: Picked[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const one of some) found.push(...(await filesIn(one, path)))
  }
}

export function pickedFiles(files: FileList | readonly File[]): readonly Picked[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
}
