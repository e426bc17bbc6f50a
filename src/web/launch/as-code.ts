/** The same launch as a program would send it: curl, the command line, the Python client. Pure. */
import { type JsonObject, write } from "#base/json.ts"
import { environmentName, python, pythonText, shell } from "#web/launch/literals.ts"

export type FilesToSend = Readonly<Record<string, string | readonly string[]>>

export type LaunchCode = {
  /** Where the server is: "https://stet.example". */
  readonly origin: string
  /** `space/path`, which reads better than an id. */
  readonly notebook: string
  readonly version: number | "latest"
  readonly values: JsonObject
  /** Parameter → the name of the file, or the names of those, that it is given: the code sends them. */
  readonly files: FilesToSend
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
export function sendingByCurl(place: string, files: FilesToSend): readonly string[] {
  return eachFile(files).flatMap(({ variable, file }) => [
    `${variable}=$(curl -sS --fail-with-body --data-binary ${shell(`@${file}`)} \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    "  -H 'Content-Type: application/octet-stream' \\",
    `  ${shell(`${place}?${new URLSearchParams({ name: file })}`)} | grep -oE 'upload:[0-9A-Z]+')`,
    "",
  ])
}

type OneFile = { readonly name: string; readonly file: string; readonly variable: string }

/** Those of a list are numbered. */
function eachFile(files: FilesToSend): readonly OneFile[] {
  return Object.entries(files).flatMap(([name, given]) => {
    const variable = `upload_${name.replaceAll(/[^A-Za-z0-9_]/gu, "_")}`
    if (typeof given === "string") return [{ name, file: given, variable }]
    return given.map((file, at) => ({ name, file, variable: `${variable}_${at + 1}` }))
  })
}

/** What stands for uploads in a body, until `withUploads` puts the variables there. */
export function uploadMarks(files: FilesToSend): JsonObject {
  const marks = eachFile(files).map(({ name, variable }) => [name, markOf(variable)] as const)
  return Object.fromEntries(
    Object.entries(files).map(([name, given]) => {
      const own = marks.flatMap(([of, mark]) => (of === name ? [mark] : []))
      return [name, typeof given === "string" ? (own[0] ?? "") : own]
    }),
  )
}

function markOf(variable: string): string {
  return `upload of ${variable}.`
}

export function withUploads(body: string, files: FilesToSend): string {
  return eachFile(files).reduce((text, { variable }) => text.replace(markOf(variable), `'"$${variable}"'`), body)
}

/** `-p` of each, a list one by one. */
export function fileFlags(files: FilesToSend): readonly string[] {
  return eachFile(files).map(({ name, file }) => `-p ${shell(name)} ${shell(file)}`)
}

/** As items of a dictionary in Python. */
export function pythonFiles(files: FilesToSend): readonly string[] {
  const path = (file: string) => `Path(${pythonText(file)})`
  return Object.entries(files).map(
    ([name, given]) => `        ${pythonText(name)}: ${typeof given === "string" ? path(given) : `[${given.map(path).join(", ")}]`},`,
  )
}

function bodyOf({ notebook, version, values, files, secretNames, ...where }: Omit<LaunchCode, "origin">): JsonObject {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "…"]))
  const parameters = { ...values, ...uploadMarks(files), ...secrets }
  return {
    notebook,
    ...(version === "latest" ? {} : { version }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...Object.fromEntries(placesOf(where).map(({ member, value }) => [member, value])),
  }
}

/** Where it goes, as far as that is not as usual: each by its name in a body, on a command line, in Python. */
function placesOf({ environment, priority, keepKernelSeconds = 0 }: Pick<LaunchCode, "environment" | "priority" | "keepKernelSeconds">) {
  return [
    { member: "environment", flag: "--environment", argument: "environment", value: environment },
    { member: "priority", flag: "--priority", argument: "priority", value: priority },
    { member: "keepKernelSeconds", flag: "--keep-kernel", argument: "keep_kernel_seconds", value: keepKernelSeconds },
  ].filter(({ value }) => value !== "" && value !== 0)
}

export function asCommand({ origin, notebook, version, values, files, secretNames, ...where }: LaunchCode): string {
  const lines = [
    `stet run --server ${shell(origin)} ${shell(version === "latest" ? notebook : `${notebook}@${version}`)}`,
    ...Object.entries(values).map(([name, value]) => `-p ${shell(name)} ${shell(typeof value === "string" ? value : write(value))}`),
    ...fileFlags(files),
    ...secretNames.map((name) => `-p ${shell(name)} "$${environmentName(name)}"`),
    ...placesOf(where).map(({ flag, value }) => `${flag} ${shell(String(value))}`),
  ]
  return lines.join(" \\\n  ")
}

export function asPython({ origin, notebook, version, values, files, secretNames, ...where }: LaunchCode): string {
  const parameters = [
    ...Object.entries(values).map(([name, value]) => `        ${pythonText(name)}: ${python(value)},`),
    ...pythonFiles(files),
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
    ...placesOf(where).map(({ argument, value }) => `    ${argument}=${python(value)},`),
    ")",
    "run = stet.runs.wait(run, check=True)",
    "print(run.state)",
  ].join("\n")
}
