/** A run about to be stored. */
import type { JsonObject } from "#base/json.ts"
import type { Rig } from "#case/index.ts"
import type { Orchestrator, RetryPolicy, RunLimits, Trigger } from "#work/launch.ts"
import type { GivenFile } from "#work/sql/uploads.ts"
import type { InTheNameOf } from "#work/terms.ts"

export type NewRun = {
  readonly id: string
  readonly space: string
  readonly notebook: string
  readonly version: number
  readonly versionSha256: string
  readonly parameters: JsonObject
  /** Of the parameters that are files and were given one. */
  readonly files: readonly GivenFile[]
  readonly secretNames: readonly string[]
  readonly secrets: Uint8Array | undefined
  readonly labels: { readonly [name: string]: string }
  readonly orchestrator: Orchestrator | undefined
  readonly openlineage: JsonObject | undefined
  readonly rig: Rig | undefined
  readonly trigger: Trigger
  readonly orderedBy: string
  /** The template by whose name it was ordered. */
  readonly template: string | undefined
  readonly as: InTheNameOf | undefined
  readonly token: string | undefined
  readonly key: string | undefined
  readonly requestDigest: string
  readonly priority: number
  readonly limits: RunLimits
  readonly retry: RetryPolicy
  readonly environment: string | undefined
  readonly keepaliveMs: number | undefined
  readonly keepKernelMs: number | undefined
  readonly at: number
}
