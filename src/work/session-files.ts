/**
 * The files of a live session: what stands beside its notebook is there for its cells, also what comes while it lives; what its cells
 * write can be looked at, taken into the space, and is kept when the session ends. What a cell wrote is never written over.
 */
import { toError } from "#base/fault.ts"
import { type Keep, keepIn } from "#work/blobs.ts"
import type { Placed } from "#work/kept-kernels.ts"
import type { Scratch, Written, WrittenLimits } from "#work/ports.ts"
import { type Beside, filesBeside, keepLeft, type LeftFile, placeOfFiles } from "#work/sql/session-files.ts"
import type { WorkWorld } from "#work/world.ts"

export type SessionFile = { readonly path: string; readonly sizeBytes: number; readonly changedAt: number }
/** `left`: why some are not among them, a sentence each. */
export type SessionFileList = { readonly isLive: boolean; readonly files: readonly SessionFile[]; readonly left: readonly string[] }

const BESIDE = { files: 1_000, totalBytes: 2_000_000_000 }
const LISTED: WrittenLimits = { files: 1_000, fileBytes: 2_000_000_000, totalBytes: 20_000_000_000 }
/** What is kept of a session that ended. */
const KEPT: WrittenLimits = { files: 500, fileBytes: 200_000_000, totalBytes: 500_000_000 }

export type SessionFilesWorld = {
  readonly world: Pick<WorkWorld, "db" | "library">
  readonly notebook: string
  readonly session: string
  readonly tell: (line: string) => void
}

export class SessionFiles {
  readonly #options: SessionFilesWorld
  readonly #keep: Keep
  #scratch: Scratch | undefined
  /** What is ours in it: path → its mark, and the digest of what we put. */
  readonly #marks = new Map<string, string>()
  readonly #digests = new Map<string, string>()
  /** What was taken as it was then: path → mark and digest. */
  readonly #taken = new Map<string, { readonly mark: string; readonly sha256: string }>()
  #changes = -1
  /** Of the version that was opened live: what stands in the space now does not take their place. */
  #pinned: ReadonlySet<string> = new Set()
  #working: Promise<void> = Promise.resolve()

  constructor(options: SessionFilesWorld) {
    this.#options = options
    this.#keep = keepIn(options.world.library)
  }

  /** A new working directory, in which these are already (path → digest); what cells wrote in the one before goes along. */
  async settle(scratch: Scratch, { put, isPinned }: Pick<Placed, "put" | "isPinned">): Promise<void> {
    const before = this.#written(LISTED)
    this.#scratch = scratch
    this.#marks.clear()
    this.#digests.clear()
    this.#taken.clear()
    this.#changes = -1
    this.#pinned = new Set(isPinned ? Object.keys(put) : [])
    for (const { path, mark } of scratch.writtenSince(new Map(), LISTED).files) {
      if (!Object.hasOwn(put, path)) continue
      this.#marks.set(path, mark)
      this.#digests.set(path, put[path] as string)
    }
    for (const file of before?.files ?? []) await this.#try(file.path, () => scratch.putLive(file.path, file.read(), this.#marks.get(file.path)))
    await this.refresh()
  }

  /** Brings in what has come or changed beside the notebook. One after the other; never fails. */
  refresh(): Promise<void> {
    this.#working = this.#working.then(() => this.#refresh()).catch((error: unknown) => this.#tell(error))
    return this.#working
  }

  async #refresh(): Promise<void> {
    const { world, notebook } = this.#options
    const place = await placeOfFiles(world.db, notebook)
    if (!place || !this.#scratch || place.changes === this.#changes) return
    let total = 0
    for (const file of await filesBeside(world.db, notebook, { folder: place.folder, limit: BESIDE.files })) {
      total += file.sizeBytes
      if (total <= BESIDE.totalBytes) await this.#bring(this.#scratch, file)
    }
    this.#changes = place.changes
  }

  async #bring(scratch: Scratch, { path, sha256 }: Beside): Promise<void> {
    if (this.#digests.get(path) === sha256 || this.#pinned.has(path)) return
    const taken = this.#taken.get(path)
    // It came from here: what is in the space now is what the cell wrote.
    if (taken?.sha256 === sha256) {
      this.#marks.set(path, taken.mark)
      this.#digests.set(path, sha256)
      return
    }
    await this.#try(path, async () => {
      const mark = await scratch.putLive(path, this.#options.world.library.blobs.stream(sha256), this.#marks.get(path))
      if (mark === undefined) return
      this.#marks.set(path, mark)
      this.#digests.set(path, sha256)
    })
  }

  list(): SessionFileList {
    const written = this.#written(LISTED)
    const files = written?.files.map(({ path, sizeBytes, changedAt }) => ({ path, sizeBytes, changedAt })) ?? []
    return { isLive: true, files, left: written?.left ?? [] }
  }

  /** Puts one into the blob store; undefined when it is not there. */
  async take(path: string): Promise<LeftFile | undefined> {
    const file = this.#written(LISTED)?.files.find((one) => one.path === path)
    if (!file) return undefined
    const { sha256, sizeBytes } = await this.#keep(file.read())
    this.#taken.set(path, { mark: file.mark, sha256 })
    return { path, sha256, sizeBytes, changedAt: file.changedAt }
  }

  /** Before its working directory goes for good. */
  async keepAll(): Promise<void> {
    const kept: LeftFile[] = []
    for (const { path, changedAt, read } of this.#written(KEPT)?.files ?? [])
      await this.#try(path, async () => void kept.push({ path, changedAt, ...(await this.#keep(read())) }))
    if (kept.length > 0) await keepLeft(this.#options.world.db, this.#options.session, kept)
  }

  #written(limits: WrittenLimits): Written | undefined {
    return this.#scratch?.writtenSince(this.#marks, limits)
  }

  async #try(path: string, act: () => Promise<unknown>): Promise<void> {
    await act().catch((error: unknown) => this.#tell(`${path}: ${toError(error).message}`))
  }

  #tell(what: unknown): void {
    this.#options.tell(`files of the session ${this.#options.session}: ${toError(what).message}`)
  }
}
