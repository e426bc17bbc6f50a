/** What a template's runs may use: set by an admin of its space, part of every run by its name. Pure. */
import type { Launch, Resources } from "#work/index.ts"

/** What is left out is as for any run. Times in seconds. */
export type Profile = {
  /** For each kernel, where the machine can bound it; never more than the worker gives. */
  readonly memoryBytes?: number | undefined
  /** Processors' worth of time. */
  readonly cpus?: number | undefined
  /** From kernel ready to the end; who asks for less gets less. */
  readonly timeoutSeconds?: number | undefined
  readonly cellTimeoutSeconds?: number | undefined
  /** The highest that one may ask for, and the usual. */
  readonly priority?: number | undefined
  /** Name or digest, in place of the notebook's own. */
  readonly environment?: string | undefined
}

/** A launch as the profile lets it be. */
export function bounded<Asked extends Pick<Launch, "priority" | "timeoutSeconds" | "cellTimeoutSeconds">>(
  asked: Asked,
  { timeoutSeconds, cellTimeoutSeconds, priority, environment }: Profile,
): Asked & Pick<Launch, "environment"> {
  return {
    ...asked,
    timeoutSeconds: shorter(asked.timeoutSeconds, timeoutSeconds),
    cellTimeoutSeconds: shorter(asked.cellTimeoutSeconds, cellTimeoutSeconds),
    // 0 is what a launch that says nothing has.
    priority: priority === undefined ? asked.priority : asked.priority ? Math.min(asked.priority, priority) : priority,
    environment,
  }
}

export function resourcesOf({ memoryBytes, cpus }: Profile): Resources {
  return { ...(memoryBytes === undefined ? {} : { memoryBytes }), ...(cpus === undefined ? {} : { cpus }) }
}

/** 0 and nothing mean: without end. */
function shorter(asked: number | undefined, most: number | undefined): number | undefined {
  if (!most) return asked
  return asked ? Math.min(asked, most) : most
}
