/** The same launch as a program would send it: curl, the command line, the Python client. Pure. */
import { type JsonObject, write } from "#base/json.ts"
import { environmentName, python, pythonText, shell } from "#web/launch/literals.ts"

export type LaunchCode = {
  /** Where the server is: "https://stet.example". */
  readonly origin: string
  /** `space/path`, which reads better than an id. */
  readonly notebook: string
  readonly version: number | "latest"
  readonly values: JsonObject
  /** Never written: the code asks for them. */
  readonly secretNames: readonly string[]
  readonly environment: string
  readonly priority: number
  readonly keepKernelSeconds?: number
}

export function asCurl({ origin, ...launch }: LaunchCode): string {
  const body = write(bodyOf(launch), 2)
  return [
    `curl -X POST ${shell(`${origin}/api/v1/runs`)} \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    '  -H "Idempotency-Key: $(uuidgen)" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${shell(body)}`,
  ].join("\n")
}

function bodyOf({ notebook, version, values, secretNames, environment, priority, keepKernelSeconds = 0 }: Omit<LaunchCode, "origin">): JsonObject {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "…"]))
  const parameters = { ...values, ...secrets }
  return {
    notebook,
    ...(version === "latest" ? {} : { version }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(environment === "" ? {} : { environment }),
    ...(priority === 0 ? {} : { priority }),
    ...(keepKernelSeconds === 0 ? {} : { keepKernelSeconds }),
  }
}

export function asCommand({ origin, notebook, version, values, secretNames, environment, priority, keepKernelSeconds = 0 }: LaunchCode): string {
  const lines = [
    `stet run --server ${shell(origin)} ${shell(version === "latest" ? notebook : `${notebook}@${version}`)}`,
    ...Object.entries(values).map(([name, value]) => `-p ${shell(name)} ${shell(typeof value === "string" ? value : write(value))}`),
    ...secretNames.map((name) => `-p ${shell(name)} "$${environmentName(name)}"`),
    ...(environment === "" ? [] : [`--environment ${shell(environment)}`]),
    ...(priority === 0 ? [] : [`--priority ${priority}`]),
    ...(keepKernelSeconds === 0 ? [] : [`--keep-kernel ${keepKernelSeconds}`]),
  ]
  return lines.join(" \\\n  ")
}

export function asPython({ origin, notebook, version, values, secretNames, environment, priority, keepKernelSeconds = 0 }: LaunchCode): string {
  const parameters = [
    ...Object.entries(values).map(([name, value]) => `        ${pythonText(name)}: ${python(value)},`),
    ...secretNames.map((name) => `        ${pythonText(name)}: os.environ[${pythonText(environmentName(name))}],`),
  ]
  return [
    ...(secretNames.length > 0 ? ["import os", ""] : []),
    "from stet_client import Stet",
    "",
    `stet = Stet(${pythonText(origin)})  # the token comes from STET_TOKEN`,
    "run = stet.runs.launch(",
    `    notebook=${pythonText(notebook)},`,
    ...(version === "latest" ? [] : [`    version=${version},`]),
    ...(parameters.length === 0 ? [] : ["    parameters={", ...parameters, "    },"]),
    ...(environment === "" ? [] : [`    environment=${pythonText(environment)},`]),
    ...(priority === 0 ? [] : [`    priority=${priority},`]),
    ...(keepKernelSeconds === 0 ? [] : [`    keep_kernel_seconds=${keepKernelSeconds},`]),
    ")",
    "run = stet.runs.wait(run, check=True)",
    "print(run.state)",
  ].join("\n")
}
