/** What the verbs of this room are handed by the edge. */
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import type { Db, Listen } from "#database/index.ts"
import type { LibraryWorld } from "#library/index.ts"
import type { Comparing, Queue, Seal } from "#work/ports.ts"

export type WorkWorld = {
  readonly db: Db
  readonly listen: Listen
  readonly library: LibraryWorld
  readonly queue: Queue
  readonly seal: Seal
  readonly comparing: Comparing
  readonly clock: Clock
  readonly random: Random
  /** Queued runs at most; beyond that orders are refused for a while. Default 20,000. */
  readonly mostQueued?: number
  /** What one may have sent that no run took yet; beyond that files are refused. Default 500 of 20 GB together. */
  readonly mostUploads?: { readonly files?: number; readonly bytes?: number }
}

/** What is enough to look after runs without running any. */
export type QueueWorld = Pick<WorkWorld, "db" | "queue" | "clock" | "random">
