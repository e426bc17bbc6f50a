/** A notebook as it stands in the catalog: everything a list shows, in one row. */
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"

export type SpaceLink = { readonly id: SpaceId; readonly name: string }

/** `hasLeft`: may not sign in any more, so that somebody else should own it. */
export type Owner = { readonly id: PersonId; readonly name: string; readonly hasLeft: boolean }

/** Times are milliseconds since 1970. */
export type NotebookRow = {
  readonly id: NotebookId
  readonly space: SpaceLink
  readonly path: string
  readonly title: string
  readonly owner: Owner
  readonly language: string
  readonly tags: readonly string[]
  /** The number of its newest version. */
  readonly latest: number
  readonly hasParameters: boolean
  readonly maxRunning: number | null
  /** Only those who edit it see its code; others see its results as reports. */
  readonly codeHidden: boolean
  readonly createdAt: number
  readonly updatedAt: number
  readonly updatedBy: PersonId | null
  readonly trashedAt: number | null
  readonly usage: Usage
}

export type Usage = {
  readonly lastRunAt: number | null
  readonly lastRunState: string | null
  /** Of the last seven days, today being one of them. */
  readonly runsWeek: number
  readonly failuresWeek: number
  /** Different people. */
  readonly viewersWeek: number
}

export type FileRow = {
  readonly id: string
  readonly space: SpaceLink
  readonly path: string
  /** Whoever put it there first, or was handed it. Null for what nobody put there. */
  readonly owner: Owner | null
  readonly sha256: string
  readonly sizeBytes: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly updatedBy: PersonId | null
  readonly trashedAt: number | null
}

export type SpaceRow = {
  readonly id: SpaceId
  readonly name: string
  readonly title: string
  readonly maxRunning: number | null
  readonly defaultEnvironment: string | null
  readonly createdAt: number
  readonly trashedAt: number | null
}

/** Where the next page goes on; absent at the end. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next?: string }
