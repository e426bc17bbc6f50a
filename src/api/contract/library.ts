/** What is kept: spaces, notebooks, versions, files. */
import { z } from "zod"
import { PersonLink, PlainJson, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

export const NOTEBOOK_TYPES = ["application/x-ipynb+json", "application/json", "application/octet-stream"] as const
export const NOTEBOOK_LIMIT = 64 * 1024 * 1024
export const IMPORT_LIMIT = 256 * 1024 * 1024

export const Space = z
  .object({
    id: Ulid,
    name: z.string(),
    title: z.string(),
    role: z.string().nullable().meta({ description: "the asker's own" }),
    maxRunning: z.int().nullable(),
    defaultEnvironment: Sha256.nullable(),
    createdAt: Time,
    trashedAt: Time.nullable(),
  })
  .meta({ id: "Space" })

export const SpaceLink = z.object({ id: Ulid, name: z.string() })

const Usage = z.object({
  lastRunAt: Time.nullable(),
  lastRunState: z.string().nullable(),
  runsWeek: z.int(),
  failuresWeek: z.int(),
  viewersWeek: z.int(),
})

const Owner = PersonLink.extend({
  hasLeft: z.boolean().meta({ description: "may not sign in any more, so that somebody else should own it" }),
})

export const Notebook = z
  .object({
    id: Ulid,
    space: SpaceLink,
    path: z.string(),
    title: z.string(),
    owner: Owner,
    language: z.string(),
    tags: z.array(z.string()),
    latest: z.int().meta({ description: "number of the newest version" }),
    hasParameters: z.boolean(),
    maxRunning: z.int().nullable(),
    codeHidden: z.boolean().meta({ description: "only those who edit it see its code; others see its results as reports" }),
    createdAt: Time,
    updatedAt: Time,
    trashedAt: Time.nullable(),
    usage: Usage,
    url: z.string(),
    may: z
      .object({ readCode: z.boolean(), comment: z.boolean(), run: z.boolean(), edit: z.boolean(), administer: z.boolean() })
      .optional()
      .meta({ description: "what the asker may do with it; told where one notebook is asked for" }),
  })
  .meta({ id: "Notebook" })

export const Version = z
  .object({
    notebook: Ulid,
    number: z.int(),
    sha256: Sha256,
    sizeBytes: z.int(),
    author: PersonLink.nullable(),
    createdAt: Time,
    message: z.string(),
    label: z.string().nullable(),
    parent: z.int().nullable(),
    source: z.enum(["editor", "import", "api", "git"]),
    kernelName: z.string(),
    language: z.string(),
    manifestSha256: Sha256,
    files: z.int().meta({ description: "how many files belong to it" }),
    parameters: PlainJson.meta({ description: "JSON Schema of its parameters; null when they could not be read" }),
  })
  .meta({ id: "Version" })

const Lacks = z
  .array(z.string())
  .meta({ description: "files and folders above all that was sent which the notebook names, as it does, and which the space does not have" })

export const Saved = z
  .object({
    notebook: Notebook,
    version: Version,
    created: z.boolean().meta({ description: "false: the bytes were those of the newest version" }),
    repairs: z.array(z.string()),
    lacks: Lacks.optional(),
  })
  .meta({ id: "Saved" })

export const File = z
  .object({
    id: Ulid,
    space: SpaceLink,
    path: z.string(),
    owner: Owner.nullable().meta({ description: "who put it there first, or was handed it" }),
    sha256: Sha256,
    sizeBytes: z.int(),
    updatedAt: Time,
    trashedAt: Time.nullable(),
  })
  .meta({ id: "File" })

export const Item = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("folder"), path: z.string() }),
    z.object({ kind: z.literal("notebook"), path: z.string(), notebook: Notebook }),
    z.object({ kind: z.literal("file"), path: z.string(), file: File }),
  ])
  .meta({ id: "Item" })

export const SearchHit = z
  .object({
    notebook: Notebook,
    snippets: z.array(
      z.object({
        where: z.enum(["title", "path", "prose", "code", "outputs"]),
        text: z.string(),
        ranges: z.array(z.tuple([z.int(), z.int()])).meta({ description: "what was found: from and to in UTF-16 units of the text" }),
      }),
    ),
  })
  .meta({ id: "SearchHit" })

export const ImportReport = z
  .object({
    entries: z.array(
      z.object({
        path: z.string().meta({ description: "as its source names it" }),
        outcome: z.enum(["imported", "same", "skipped", "refused"]),
        reason: z.string().optional(),
        kind: z.enum(["notebook", "file", "tests"]).optional(),
        at: z.string().optional().meta({ description: "where it stands now" }),
        notebook: Ulid.optional(),
        version: z.int().optional(),
        lacks: Lacks.optional(),
      }),
    ),
    dryRun: z.boolean(),
  })
  .meta({ id: "ImportReport" })
