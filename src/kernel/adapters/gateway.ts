import { Fault } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import { GatewayKernel } from "#kernel/adapters/gateway/kernel.ts"
import { type GatewayOptions, type Server, serverAt } from "#kernel/adapters/gateway/server.ts"
import { meantName, nearestFirst, nearName } from "#kernel/kernelspec.ts"
import type { Kernel, KernelSpec, Kernels, Launch } from "#kernel/ports.ts"

export type { GatewayOptions } from "#kernel/adapters/gateway/server.ts"

const START_TIMEOUT_MS = 60_000

/** Kernels of a Jupyter server, Kernel Gateway or Enterprise Gateway. @throws Fault kernel_start_failed for an address that is none */
export function gatewayKernels(options: GatewayOptions): Kernels {
  const server = serverAt(options)
  const living = new Set<GatewayKernel>()
  return {
    list: () => listSpecs(server),
    start: async (name, launch = {}) => {
      const kernel = await start(server, name, { launch, options })
      living.add(kernel)
      return kernel
    },
    attach: async () => {
      throw new Fault("kernel_died", "A kernel of a Jupyter server is not kept between commands.", { remedy: "Start a new one." })
    },
    close: async () => {
      await Promise.all([...living].map((kernel: Kernel) => kernel.close()))
      living.clear()
    },
  }
}

async function start(
  server: Server,
  asked: string,
  { launch, options }: { readonly launch: Launch; readonly options: GatewayOptions },
): Promise<GatewayKernel> {
  if (launch.confine)
    throw new Fault("isolation_unavailable", `A kernel of the Jupyter server at ${server.name} cannot be confined from here.`, {
      remedy: "Let that server confine its kernels, and ask for no isolation here.",
    })
  const askedAt = performance.now()
  const startTimeoutMs = launch.startTimeoutMs ?? START_TIMEOUT_MS
  const name = await existing(server, asked)
  const body = { name, ...(options.path === undefined ? {} : { path: options.path }), ...(launch.env === undefined ? {} : { env: launch.env }) }
  const answer = await server.ask("POST", "kernels", { body, timeoutMs: startTimeoutMs, fault: "kernel_start_failed" })
  const { id } = (answer.body ?? {}) as { readonly id?: unknown }
  if (typeof id !== "string" || id === "") throw notJupyter(server)
  return GatewayKernel.connect({ server, id, startTimeoutMs, askedAt, options })
}

/** The name of the kernelspec that is meant. @throws Fault no_such_kernel */
async function existing(server: Server, asked: string): Promise<string> {
  const names = (await listSpecs(server)).map((spec) => spec.name)
  const name = names.includes(asked) ? asked : meantName(asked, new Set(names))
  if (names.includes(name)) return name
  const there = nearestFirst(asked, names)
  const which = there.length > 0 ? `It has: ${there.join(", ")}.` : "It has none at all."
  throw new Fault("no_such_kernel", `The Jupyter server at ${server.name} has no kernel named ${JSON.stringify(asked)}. ${which}`, {
    remedy: there[0] ? `Use ${nearName(asked, there) ?? "one of these"}, or install the one you mean there.` : "Install one there.",
  })
}

async function listSpecs(server: Server): Promise<readonly KernelSpec[]> {
  const { status, body } = await server.ask("GET", "kernelspecs", { fault: "kernel_start_failed" })
  const { kernelspecs } = (body ?? {}) as { readonly kernelspecs?: unknown }
  if (status === 404 || typeof kernelspecs !== "object" || kernelspecs === null) throw notJupyter(server)
  return Object.entries(kernelspecs).map(([name, entry]) => toSpec(name, (entry as { readonly spec?: JsonObject } | null)?.spec ?? {}))
}

function notJupyter(server: Server): Fault {
  return new Fault("kernel_start_failed", `What answers at ${server.name} is not a Jupyter server.`, {
    remedy: "Give the address that ends before /api, /lab or /tree.",
  })
}

function toSpec(name: string, spec: JsonObject): KernelSpec {
  const { display_name, language, argv, env, interrupt_mode, metadata } = spec
  return {
    name,
    displayName: typeof display_name === "string" ? display_name : name,
    language: typeof language === "string" ? language : "",
    argv: Array.isArray(argv) ? argv.map(String) : [],
    env: isObject(env) ? Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])) : {},
    interruptMode: interrupt_mode === "message" ? "message" : "signal",
    metadata: isObject(metadata) ? metadata : {},
    resourceDir: "",
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
