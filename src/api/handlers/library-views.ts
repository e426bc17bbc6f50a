/** What the library looks like from outside. Pure. */
import type { z } from "zod"
import type { File, Item, Notebook, Space, Version } from "#api/contract/library.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import type { Api } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import type { FileRow, Item as ItemRow, NotebookRow, SpaceRow, VersionRow } from "#library/index.ts"

export function spaceOf(row: SpaceRow, role: string | null): z.output<typeof Space> {
  const { id, name, title, maxRunning, defaultEnvironment, createdAt, trashedAt } = row
  return { id, name, title, role, maxRunning, defaultEnvironment, createdAt: toIso(createdAt), trashedAt: isoOrNull(trashedAt) }
}

export function notebookOf({ url }: Pick<Api, "url">, row: NotebookRow): z.output<typeof Notebook> {
  return {
    id: row.id,
    space: row.space,
    path: row.path,
    title: row.title,
    owner: { id: row.owner.id, name: row.owner.name, hasLeft: row.owner.hasLeft },
    language: row.language,
    tags: [...row.tags],
    latest: row.latest,
    hasParameters: row.hasParameters,
    maxRunning: row.maxRunning,
    codeHidden: row.codeHidden,
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
    trashedAt: isoOrNull(row.trashedAt),
    usage: { ...row.usage, lastRunAt: isoOrNull(row.usage.lastRunAt) },
    url: `${url.origin}/notebooks/${row.id}`,
  }
}

export function fileOf(row: FileRow): z.output<typeof File> {
  const { id, space, path, owner, sha256, sizeBytes, updatedAt, trashedAt } = row
  return { id, space, path, owner, sha256, sizeBytes, updatedAt: toIso(updatedAt), trashedAt: isoOrNull(trashedAt) }
}

export function itemOf(api: Pick<Api, "url">, item: ItemRow): z.output<typeof Item> {
  if (item.kind === "folder") return item
  return item.kind === "notebook" ? { ...item, notebook: notebookOf(api, item.notebook) } : { ...item, file: fileOf(item.file) }
}

export function versionOf(row: VersionRow): z.output<typeof Version> {
  return {
    notebook: row.notebook,
    number: row.number,
    sha256: row.sha256,
    sizeBytes: row.sizeBytes,
    author: row.author,
    createdAt: toIso(row.createdAt),
    message: row.message,
    label: row.label,
    parent: row.parent,
    source: row.source,
    kernelName: row.kernelName,
    language: row.language,
    manifestSha256: row.manifestSha256,
    files: Object.keys(row.manifest).length,
    parameters: row.parameters ?? null,
  }
}
