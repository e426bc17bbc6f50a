/** The commands that look after a platform, with its database and blobs opened for them. */
import { mkdir, readdir } from "node:fs/promises"
import { availableParallelism, homedir } from "node:os"
import { join, resolve } from "node:path"
import { copyingBlobs, verifyBlobs } from "#backup-blobs.ts"
import { Fault } from "#base/fault.ts"
import type { BackupReport, Health, KeysReport, Platform, Tell } from "#cli/platform.ts"
import { type Configuration, readConfiguration } from "#configuration.ts"
import {
  type Database,
  directorySink,
  directorySource,
  dumpDatabase,
  type Manifest,
  openDatabase,
  restoreDatabase,
  startPostgres,
  verifyDump,
} from "#database/index.ts"
import { holderOfHome, holdHome, openHome } from "#home.ts"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import { brokenVersions, type LibraryWorld, scrubBlobs, sweepOrphans } from "#library/index.ts"
import { MIGRATIONS } from "#migrated.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import { administratorLogins, audit, SYSTEM, signInLink, verifyAudit } from "#people/index.ts"
import { factsOf, rotateKey, signerIn } from "#template/adapters/signer.ts"
import { auditCheckpoints, clock, kernelsOf, libraryWorld, openBlobs, peopleWorld } from "#worlds.ts"

export type PlatformEdge = { readonly version: string; readonly preparePython: () => Promise<void>; readonly tell: Tell }

export function platformOf(env: NodeJS.ProcessEnv, edge: PlatformEdge): Platform {
  const configuration = () => configurationOf(env)
  return {
    start: async ({ open }) => {
      const { start } = await import("#start.ts")
      return start({ configuration: configuration(), env, open, ...edge })
    },
    server: async () => (await import("#server.ts")).runServer(),
    worker: async () => {
      await edge.preparePython()
      return (await import("#worker.ts")).runWorker()
    },
    signInLink: (login) => opened(configuration(), ({ database }) => linkFor(database, login)),
    doctor: ({ deep }) => opened(configuration(), (open) => look(open, { deep, version: edge.version })),
    backup: (directory, tell) => opened(configuration(), (open) => backup(open, directory, tell)),
    restore: (directory, options, tell) => (options.verifyOnly ? verifyBackup(directory, tell) : restore(configuration(), directory, tell)),
    scrub: (options, tell) => opened(configuration(), (open) => scrub(open, options, tell)),
    keys: async () => keysIn(openHome(configuration().home).keys),
    rotateKeys: (options) => opened(configuration(), (open) => rotated(open, options)),
    verifyAudit: ({ head }) => opened(configuration(), (open) => verified(open, head)),
  }
}

/** @throws Fault bad_configuration with every problem */
function configurationOf(env: NodeJS.ProcessEnv): Configuration {
  const read = readConfiguration(env, { userHome: homedir(), cores: availableParallelism(), cwd: process.cwd() })
  if (read.ok) return read.value
  throw new Fault("bad_configuration", read.refusal.join("\n      "), { remedy: "docs/configuration.md lists every variable." })
}

type Open = { readonly configuration: Configuration; readonly database: Database; readonly databaseUrl: string; readonly library: LibraryWorld }

/** On the database of a platform that runs, or on one that is started for as long as this takes. */
async function opened<Value>(configuration: Configuration, work: (open: Open) => Promise<Value>): Promise<Value> {
  const places = openHome(configuration.home)
  const running = configuration.databaseUrl ?? holderOfHome(places)?.databaseUrl
  const postgres = running === undefined ? await startPostgres({ dataDir: places.postgres, socketDir: join(places.run, "postgres") }) : undefined
  const databaseUrl = postgres?.url ?? running ?? ""
  const database = openDatabase({ url: databaseUrl, poolSize: 6, applicationName: "stet", statementTimeoutMs: 0 })
  try {
    const library = libraryWorld(database, await openBlobs(configuration.blobs, configuration.home))
    return await work({ configuration, database, databaseUrl, library })
  } finally {
    await database.close()
    await postgres?.close()
  }
}

async function look(
  { configuration, database, library }: Open,
  { deep, version }: { readonly deep: boolean; readonly version: string },
): Promise<Health> {
  const { doctor } = await import("#doctor.ts")
  const kernels = kernelsOf(configuration)
  try {
    return await doctor({ configuration, places: openHome(configuration.home), database, library, kernels, version, clock }, { deep })
  } finally {
    await kernels.close()
  }
}

// ── signing keys ────────────────────────────────────────────────────────────────────────────────────────────

async function keysIn(directory: string): Promise<KeysReport> {
  const signer = signerIn(directory, signingKey)
  const rotations = await signer.rotations()
  return {
    fingerprint: (await signer.current()).fingerprint,
    before: rotations.map(({ from, at, signatures }) => ({ fingerprint: factsOf(from).fingerprint, until: at, isTrusted: signatures.from !== "" })),
  }
}

async function rotated({ configuration, database }: Open, { isTrusted }: { readonly isTrusted: boolean }): Promise<KeysReport> {
  const { keys } = openHome(configuration.home)
  const at = clock.now()
  const { from, to } = await rotateKey(keys, signingKey, { isTrusted, at })
  const detail = { from: from.fingerprint, to: to.fingerprint, isTrusted }
  await audit(database.db, { actor: SYSTEM, action: "signing_key.rotate", thing: "platform", outcome: "done", detail, at })
  return keysIn(keys)
}

// ── backup ──────────────────────────────────────────────────────────────────────────────────────────────────

async function backup({ databaseUrl, database, library }: Open, directory: string, tell: Tell): Promise<BackupReport> {
  const folder = resolve(directory)
  await emptyFolder(folder)
  const copying = await copyingBlobs(library.blobs, folder)
  const names = async () => (await database.db.selectFrom("blob").select("sha256").orderBy("sha256").execute()).map(({ sha256 }) => sha256)
  await copying.more(await names(), tell)
  // The database comes last: every blob that it names was there before. What came meanwhile is fetched now.
  const manifest = await dumpDatabase({ url: databaseUrl, sink: directorySink(folder), now: clock.now() })
  await copying.more(await names())
  return reportOf(manifest, await copying.done())
}

async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0)
    throw new Fault("storage_unwritable", `${folder} is not empty.`, {
      remedy: "Name a directory that is not there yet: a backup is written whole, never over another.",
    })
}

function reportOf({ tables }: Manifest, blobs: { readonly blobs: number; readonly sizeBytes: number }): BackupReport {
  return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0), ...blobs }
}

async function verifyBackup(directory: string, tell: Tell): Promise<BackupReport> {
  const folder = resolve(directory)
  const manifest = await verifyDump(directorySource(folder))
  return reportOf(manifest, await verifyBlobs(folder, tell))
}

async function restore(configuration: Configuration, directory: string, tell: Tell): Promise<BackupReport> {
  const folder = resolve(directory)
  const places = openHome(configuration.home)
  const holding = await holdHome(places)
  if ("by" in holding) throw new Fault("busy", `Stet is running on ${configuration.home}.`, { remedy: "Stop it, or restore into another STET_HOME." })
  try {
    // Read through first: what is damaged leaves this platform as empty as it is.
    const report = await verifyBackup(directory, tell)
    await withUrl(configuration, async (url) => {
      await restoreDatabase({ url, source: directorySource(folder), migrations: MIGRATIONS })
      await restoreBlobs(configuration, url, { folder, tell })
    })
    return report
  } finally {
    holding.held.release()
  }
}

async function withUrl(configuration: Configuration, work: (url: string) => Promise<void>): Promise<void> {
  if (configuration.databaseUrl !== undefined) return work(configuration.databaseUrl)
  const places = openHome(configuration.home)
  const postgres = await startPostgres({ dataDir: places.postgres, socketDir: join(places.run, "postgres") })
  try {
    await work(postgres.url)
  } finally {
    await postgres.close()
  }
}

async function restoreBlobs(
  configuration: Configuration,
  url: string,
  { folder, tell }: { readonly folder: string; readonly tell: Tell },
): Promise<void> {
  const from = await directoryBlobs(join(folder, "blobs"))
  const to = await openBlobs(configuration.blobs, configuration.home)
  for await (const { sha256 } of from.list()) await to.put(from.stream(sha256))
  const database = openDatabase({ url, poolSize: 4, applicationName: "stet restore", statementTimeoutMs: 0 })
  try {
    const library = libraryWorld(database, to)
    const { missing, damaged } = await scrubBlobs(library)
    const { broken, looked } = await brokenVersions(library)
    const lacking = missing.length + damaged.length + broken.length
    if (lacking > 0)
      throw new Fault("backup_damaged", `The backup lacks ${lacking} of the blobs and versions that its database names.`, {
        remedy: "Take another backup.",
      })
    tell(`${looked} versions verified`)
  } finally {
    await database.close()
  }
}

async function linkFor(database: Database, login: string) {
  const link = await signInLink(peopleWorld(database, undefined, "http://localhost"), login)
  if (link.ok) return link.value
  const admins = await administratorLogins(database.db)
  throw new Fault("bad_configuration", link.refusal.message, {
    remedy: `The page People, or GET /api/v1/people, lists everybody; administrators are: ${admins.join(", ") || "none"}.`,
  })
}

// ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────

async function scrub({ library }: Open, { sweep }: { readonly sweep: boolean }, tell: Tell) {
  const { looked, damaged, missing, unknown } = await scrubBlobs(library, (blobs) => tell(`${blobs} blobs`))
  const versions = await brokenVersions(library, (count) => tell(`${count} versions`))
  const swept = sweep ? await sweepOrphans(library, { unknown: true }) : 0
  const broken = versions.broken.map(({ notebook, number, why }) => `version ${number} of ${notebook}: ${why}`)
  return {
    blobs: looked,
    versions: versions.looked,
    damaged: [...damaged.map((sha256) => `blob ${sha256}`), ...broken],
    missing,
    orphaned: unknown.length,
    swept,
  }
}

async function verified({ configuration, database }: Open, head: string | undefined) {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(head ?? "") ?? []
  if (head !== undefined && hash === undefined)
    throw new Fault("bad_configuration", `${JSON.stringify(head)} is not a head.`, { remedy: "Give what an earlier verification printed: SEQ:HASH." })
  const kept = await (await auditCheckpoints(configuration.home)).heads()
  const heads = hash === undefined ? kept : [...kept, { seq: Number(seq), hash }]
  const verdict = await verifyAudit(peopleWorld(database, undefined, "http://localhost"), { heads })
  if (verdict.ok) return { events: verdict.checked, head: `${verdict.head.seq}:${verdict.head.hash}`, firstBad: undefined, why: "" }
  return { events: verdict.checked, head: "", firstBad: verdict.badSeq, why: verdict.why }
}
