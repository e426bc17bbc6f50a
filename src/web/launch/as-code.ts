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
  /** Parameter → the name of the file that it is given: the code sends it. */
  readonly files: Readonly<Record<string, string>>
  /** Never written: the code asks for them. */
  readonly secretNames: readonly string[]
  readonly environment: string
  readonly priority: number
  readonly keepKernelSeconds?: number
}

export function asCurl({ origin, ...launch }: LaunchCode): string {
  const place = `${origin}/api/v1/notebooks/${encodeURIComponent(launch.notebook)}/uploads`
  const body = write(bodyOf(launch), 2)
  return [
    ...sendingByCurl(place, launch.files),
    `curl -X POST ${shell(`${origin}/api/v1/runs`)} \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    '  -H "Idempotency-Key: $(uuidgen)" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${withUploads(shell(body), launch.files)}`,
  ].join("\n")
}

/** Each file is sent first; a variable of the shell holds what names it. */
export function sendingByCurl(place: string, files: LaunchCode["files"]): readonly string[] {
  return Object.entries(files).flatMap(([name, file]) => [
    `${uploadVariable(name)}=$(curl -sS --fail-with-body --data-binary ${shell(`@${file}`)} \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    "  -H 'Content-Type: application/octet-stream' \\",
    `  ${shell(`${place}?${new URLSearchParams({ name: file })}`)} | grep -oE 'upload:[0-9A-Z]+')`,
    "",
  ])
}

/** What stands for an upload in a body, until `withUploads` puts the variable there. */
export function uploadMark(name: string): string {
  return `upload of ${uploadVariable(name)}`
}

export function withUploads(body: string, files: LaunchCode["files"]): string {
  return Object.keys(files).reduce((text, name) => text.replace(uploadMark(name), `'"$${uploadVariable(name)}"'`), body)
}

function uploadVariable(name: string): string {
  return `upload_${name.replaceAll(/[^A-Za-z0-9_]/gu, "_")}`
}

function bodyOf({
  notebook,
  version,
  values,
  files,
  secretNames,
  environment,
  priority,
  keepKernelSeconds = 0,
}: Omit<LaunchCode, "origin">): JsonObject {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "…"]))
  const sent = Object.fromEntries(Object.keys(files).map((name) => [name, uploadMark(name)]))
  const parameters = { ...values, ...sent, ...secrets }
  return {
    notebook,
    ...(version === "latest" ? {} : { version }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(environment === "" ? {} : { environment }),
    ...(priority === 0 ? {} : { priority }),
    ...(keepKernelSeconds === 0 ? {} : { keepKernelSeconds }),
  }
}

export function asCommand({
  origin,
  notebook,
  version,
  values,
  files,
  secretNames,
  environment,
  priority,
  keepKernelSeconds = 0,
}: LaunchCode): string {
  const lines = [
    `stet run --server ${shell(origin)} ${shell(version === "latest" ? notebook : `${notebook}@${version}`)}`,
    ...Object.entries(values).map(([name, value]) => `-p ${shell(name)} ${shell(typeof value === "string" ? value : write(value))}`),
    ...Object.entries(files).map(([name, file]) => `-p ${shell(name)} ${shell(file)}`),
    ...secretNames.map((name) => `-p ${shell(name)} "$${environmentName(name)}"`),
    ...(environment === "" ? [] : [`--environment ${shell(environment)}`]),
    ...(priority === 0 ? [] : [`--priority ${priority}`]),
    ...(keepKernelSeconds === 0 ? [] : [`--keep-kernel ${keepKernelSeconds}`]),
  ]
  return lines.join(" \\\n  ")
}

export function asPython({
  origin,
  notebook,
  version,
  values,
  files,
  secretNames,
  environment,
  priority,
  keepKernelSeconds = 0,
}: LaunchCode): string {
  const parameters = [
    ...Object.entries(values).map(([name, value]) => `        ${pythonText(name)}: ${python(value)},`),
    ...Object.entries(files).map(([name, file]) => `        ${pythonText(name)}: Path(${pythonText(file)}),`),
    ...secretNames.map((name) => `        ${pythonText(name)}: os.environ[${pythonText(environmentName(name))}],`),
  ]
  return [
    ...(secretNames.length > 0 ? ["import os"] : []),
    ...(Object.keys(files).length > 0 ? ["from pathlib import Path"] : []),
    ...(secretNames.length + Object.keys(files).length > 0 ? [""] : []),
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
