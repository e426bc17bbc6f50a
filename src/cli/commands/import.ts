/** `stet import`: archives, addresses and folders into a space, each piece told. */
import type { Answered, Query } from "#api/contract.ts"
import { type Command, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet import",
  summary: "Take a zip archive, an address or a folder into a space",
  description: [
    "Takes every notebook and file of SOURCE into SPACE, keeping its folders. A notebook that stands there gets a new version when the bytes differ. What is wrong with one piece stops no other: each is told, and the exit code is 1 when one was refused.",
  ],
  positionals: [
    { name: "SOURCE", help: "A .zip file, an http(s) address, or a folder of this machine." },
    { name: "SPACE", help: "A space, or a folder in it: space/folder." },
  ],
  flags: [
    { name: "--message", short: "-m", takes: ["TEXT"], help: "Kept with each version." },
    { name: "--skip-existing", takes: [], help: "Leave what stands there as it is." },
    { name: "--dry-run", takes: [], help: "Only tell what would become of each piece." },
    { name: "--json", takes: [], help: "The report as JSON." },
  ],
  examples: [{ line: "stet import notebooks.zip finance/imported --dry-run", means: "what would become of each" }],
}

export const IMPORT = onServer(COMMAND, act)

type Report = Answered<"importZip">
type Into = { readonly space: string; readonly folder: string; readonly message?: string; readonly onExisting?: "skip"; readonly dryRun?: boolean }

async function act(remote: Remote): Promise<number> {
  const { parsed, edge } = remote
  const [source = ""] = parsed.positionals
  const report = await taken(remote, source, intoOf(parsed))
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(report)}\n`)
  else tell(edge, report)
  return report.entries.some(({ outcome }) => outcome === "refused") ? EXIT.failed : EXIT.succeeded
}

async function taken({ client, edge }: Remote, source: string, into: Into): Promise<Report> {
  if (/^https?:\/\//i.test(source)) return client.call("importUrl", { body: { ...into, url: source } })
  const body = edge.isFolder(source) ? await edge.zipFolder(source) : await (await edge.storage({ allowPrivateAddresses: false })).read(source)
  return client.call("importZip", { query: { ...into, ...(into.dryRun ? { dryRun: "true" } : {}) } as Query<"importZip">, body })
}

function intoOf(parsed: Parsed): Into {
  const [space = "", ...folder] = (parsed.positionals[1] ?? "").split("/")
  const message = lastValueOf(parsed, "--message")
  return {
    space,
    folder: folder.join("/"),
    ...(message === undefined ? {} : { message }),
    ...(isOn(parsed, "--skip-existing") ? { onExisting: "skip" as const } : {}),
    ...(isOn(parsed, "--dry-run") ? { dryRun: true } : {}),
  }
}

function tell(edge: Edge, { entries, dryRun }: Report): void {
  for (const { path, outcome, reason, version } of entries)
    edge.out.write(`${outcome.padEnd(9)} ${path}${version === undefined ? "" : ` (version ${version})`}${reason ? `: ${reason}` : ""}\n`)
  for (const { path, lacks } of entries)
    if (lacks) edge.err.write(`${path} names ${lacks.join(", ")}, above what was taken in, and the space does not have it.\n`)
  if (entries.some(({ lacks }) => lacks))
    edge.err.write("Import the folder that holds both, or put what is missing into the space where the notebook looks for it: stet put.\n")
  const counts = [...Map.groupBy(entries, ({ outcome }) => outcome)].map(([outcome, all]) => `${all.length} ${outcome}`)
  edge.err.write(`${dryRun ? "Nothing was changed. " : ""}${counts.join(", ") || "Nothing was there to be taken in"}.\n`)
}
