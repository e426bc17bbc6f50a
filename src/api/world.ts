/** What the server is made of. The edge hands it in. */
import type { z } from "zod"
import type { Health } from "#api/contract/runs.ts"
import type { Rate } from "#api/guard/rate.ts"
import type { Log } from "#api/log.ts"
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import type { Listen } from "#database/index.ts"
import type { EnvironmentWorld } from "#environment/index.ts"
import type { Archives, DraftTimes, ExportEntry, Fetch, LibraryWorld, SavedWidgets, ShownByExecutions } from "#library/index.ts"
import type { PeopleWorld } from "#people/index.ts"
import type { Signer, Ways } from "#template/index.ts"
import type { Link, WorkWorld } from "#work/index.ts"

export type ApiWorld = {
  readonly people: PeopleWorld
  /** With what opens archives, reads public addresses, and packs an export. */
  readonly library: LibraryWorld & { readonly archives: Archives; readonly fetch: Fetch }
  readonly zip: (entries: AsyncIterable<ExportEntry>) => AsyncIterable<Uint8Array>
  readonly environment: EnvironmentWorld
  readonly work: WorkWorld
  /** With the organisation's key. */
  readonly signer: Signer
  /** How subscribers can be told beside their inbox; default: by webhooks to public addresses. */
  readonly ways?: Ways | undefined
  /** The way to the workers that hold live kernels. */
  readonly link?: Link | undefined
  /** What ended executions of cells showed: goes into versions. */
  readonly shownByExecutions?: ShownByExecutions | undefined
  /** And what their widgets were like. */
  readonly savedWidgets?: SavedWidgets | undefined
  readonly listen: Listen
  readonly clock: Clock
  readonly random: Random
  /** Lower-case hex. */
  readonly sha256: (data: Uint8Array | string) => string
  readonly log: Log
  /** What must work before requests are sent here: database, blob store, room for spools, migrations. Quick. */
  readonly ready: () => Promise<readonly ReadyCheck[]>
  /** What `stet doctor` says. */
  readonly health: () => Promise<z.output<typeof Health>>
}

export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly message: string }

export type ApiOptions = {
  /** The address people use, without a path: `https://stet.example`. */
  readonly url: string
  /** Hosts that are answered, with their ports; default: that of `url`, and on this machine itself all its names. "any" where the address is not known. */
  readonly hosts?: readonly string[] | "any"
  /** Whether X-Forwarded-For and its like are believed: only with a proxy of one's own in front. */
  readonly trustProxy?: boolean
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array } | undefined
  /** Who sends this as Bearer may read /metrics; else only this machine itself may. */
  readonly metricsToken?: string | undefined
  /** Whether results may be shown to people who are not signed in. Default false. */
  readonly publicResults?: boolean
  readonly version: string
  /** The folder with the built web app. Without it, its addresses say that it has to be built. */
  readonly app?: string
  /** Where archives lie while they are taken in. Default: the system's own place for such. */
  readonly uploadFolder?: string
  /** Bytes of bodies that may be in memory at once. Default 512 MB. */
  readonly bodyBytes?: number
  readonly rates?: Partial<Rates>
  /** Between two signs of life in a stream of events. Default 15,000. */
  readonly heartbeatMs?: number
  /** How long a credential is believed without asking the database again, unless it says before that something changed. Default 2,000. */
  readonly trustMs?: number
  /** After how long a stream whose reader takes nothing is closed. Default 60,000. */
  readonly stallMs?: number
  /** When drafts are saved and let go. */
  readonly drafts?: Partial<DraftTimes>
  /** How long a cell that is to be run waits for the edit that is meant. Default 2,000. */
  readonly meantMs?: number
}

export type Rates = {
  /** What one actor may ask; a write costs five. */
  readonly actor: Rate
  /** What may be asked from one address without a credential that is good; signing in costs five. */
  readonly stranger: Rate
}

export const USUAL_RATES: Rates = { actor: { burst: 10_000, perSecond: 2500 }, stranger: { burst: 120, perSecond: 4 } }
