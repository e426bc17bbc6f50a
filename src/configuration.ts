/**
 * What the environment says, read once and checked: every process of Stet gets this one value. docs/configuration.md is
 * the same table for people.
 */
import { isAbsolute, join, resolve } from "node:path"
import { slipsBetween } from "#base/nearest.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { SingleSignOnPolicy } from "#people/index.ts"

export type Isolation = "auto" | "L0" | "L1" | "L2"

export type BlobPlace =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string }

export type Oidc = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** The claim that lists a person's groups. */
  readonly groupsClaim: string
  readonly policy: SingleSignOnPolicy
  /** What the button says. */
  readonly title: string
}

export type Keep = {
  /** Days that a finished run's events, artifacts and journal are kept. */
  readonly eventDays: number
  readonly artifactDays: number
  readonly journalDays: number
  /** Days that a result is kept; 0 = for ever. */
  readonly resultDays: number
  /** Bytes that all results and all journals may take; 0 = as many as there are. */
  readonly resultBytes: number
  readonly journalBytes: number
  /** Bytes that spools may take on a worker before it takes no new run. */
  readonly spoolBytes: number
  /** Days that something lies in the trash. */
  readonly trashDays: number
  /** Days that a built environment stays on a machine where nothing uses it; 0 = for ever. */
  readonly environmentDays: number
}

export type Configuration = {
  readonly home: string
  readonly host: string
  readonly port: number
  /** The address people use, without a slash at the end; undefined = made from host and port. */
  readonly url: string | undefined
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** A reverse proxy in front ends TLS and says who asks (X-Forwarded-*). */
  readonly trustProxy: boolean
  /** undefined = the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined
  readonly blobs: BlobPlace
  readonly leaseSeconds: number
  /** Kernels at once on one worker, and how many are started before anybody asks. */
  readonly slots: number
  readonly warm: number
  /** What one kernel, with its children, may have of memory and of the disk: bytes. */
  readonly kernelMemoryBytes: number
  readonly kernelDiskBytes: number
  /** Processors' worth of time that it may have; undefined = as much as there is. */
  readonly kernelCpus: number | undefined
  /** Live sessions at once on one worker, and minutes after which one in which nothing happens is ended; 0 = never. */
  readonly sessions: number
  readonly sessionIdleMinutes: number
  /** Kernels of failed runs that are kept at once by one worker, and for how long at most. */
  readonly keptKernels: number
  readonly keptKernelMinutes: number
  /** host:port at which a worker takes connections of servers on other machines; undefined = a socket on this machine. */
  readonly workerListen: string | undefined
  readonly isolation: Isolation
  /** Folders of this machine that every kernel may read, beside what it needs. */
  readonly dataFolders: readonly string[]
  readonly oidc: Oidc | undefined
  readonly metricsToken: string | undefined
  /** Whether those who administer a space may make links to results that anybody can open. */
  readonly publicResults: boolean
  /** Through which mail is sent, and from whom it is; undefined = none is. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined
  /** Webhooks may go to addresses of one's own network, and unencrypted. */
  readonly webhooksInside: boolean
  readonly keep: Keep
}

export type Machine = { readonly userHome: string; readonly cores: number; readonly cwd: string }
export type Environment = { readonly [name: string]: string | undefined }

/** Every variable of Stet's own; the last ones are for Stet's processes among themselves and for its tests. */
const KNOWN = new Set([
  "STET_HOME",
  "STET_HOST",
  "STET_PORT",
  "STET_URL",
  "STET_TLS_CERT",
  "STET_TLS_KEY",
  "STET_TRUST_PROXY",
  "STET_BLOBS",
  "STET_LEASE_SECONDS",
  "STET_SLOTS",
  "STET_WARM",
  "STET_KERNEL_MEMORY_MB",
  "STET_KERNEL_DISK_MB",
  "STET_KERNEL_CPUS",
  "STET_SESSIONS",
  "STET_SESSION_IDLE_MINUTES",
  "STET_KEPT_KERNELS",
  "STET_KEPT_KERNEL_MINUTES",
  "STET_WORKER_LISTEN",
  "STET_ISOLATION",
  "STET_DATA_FOLDERS",
  "STET_OIDC_ISSUER",
  "STET_OIDC_CLIENT_ID",
  "STET_OIDC_CLIENT_SECRET",
  "STET_OIDC_GROUPS_CLAIM",
  "STET_OIDC_ALLOWED_GROUPS",
  "STET_OIDC_ALLOWED_DOMAINS",
  "STET_OIDC_SIGN_UP",
  "STET_OIDC_LINK_EMAIL",
  "STET_OIDC_TITLE",
  "STET_METRICS_TOKEN",
  "STET_PUBLIC_RESULTS",
  "STET_SMTP_URL",
  "STET_MAIL_FROM",
  "STET_WEBHOOKS_INSIDE",
  "STET_KEEP_EVENT_DAYS",
  "STET_KEEP_ARTIFACT_DAYS",
  "STET_KEEP_JOURNAL_DAYS",
  "STET_KEEP_RESULT_DAYS",
  "STET_KEEP_RESULT_MB",
  "STET_KEEP_JOURNAL_MB",
  "STET_KEEP_TRASH_DAYS",
  "STET_KEEP_ENVIRONMENT_DAYS",
  "STET_SPOOL_BYTES",
  "STET_SERVER",
  "STET_TOKEN",
  "STET_LAUNCHER",
])
const OURS_ALONE = /^STET_(TEST|INTERNAL)_/

/** Gives every problem at once, each a sentence that names the variable and what to set. */
export function readConfiguration(env: Environment, machine: Machine): Outcome<Configuration, readonly string[]> {
  const read = new Reader(env)
  read.refuseUnknown()
  const home = resolve(machine.cwd, env["STET_HOME"] || join(machine.userHome, ".stet"))
  const configuration: Configuration = {
    home,
    host: read.text("STET_HOST") ?? "127.0.0.1",
    port: read.integer("STET_PORT", { or: 7838, min: 0, max: 65_535 }),
    url: read.url("STET_URL")?.replace(/\/+$/, ""),
    tls: read.pair("STET_TLS_CERT", "STET_TLS_KEY"),
    trustProxy: read.flag("STET_TRUST_PROXY"),
    databaseUrl: read.text("DATABASE_URL"),
    blobs: read.blobs(home, machine.cwd),
    leaseSeconds: read.integer("STET_LEASE_SECONDS", { or: 20, min: 1, max: 300 }),
    slots: read.integer("STET_SLOTS", { or: Math.max(4, machine.cores * 2), min: 1, max: 1000 }),
    warm: read.integer("STET_WARM", { or: 2, min: 0, max: 100 }),
    kernelMemoryBytes: read.megabytes("STET_KERNEL_MEMORY_MB", { or: 4_000, min: 256 }),
    kernelDiskBytes: read.megabytes("STET_KERNEL_DISK_MB", { or: 20_000, min: 10 }),
    kernelCpus: read.processors("STET_KERNEL_CPUS"),
    sessions: read.integer("STET_SESSIONS", { or: Math.max(8, machine.cores * 4), min: 0, max: 1000 }),
    sessionIdleMinutes: read.integer("STET_SESSION_IDLE_MINUTES", { or: 60, min: 0, max: 10_080 }),
    keptKernels: read.integer("STET_KEPT_KERNELS", { or: 4, min: 0, max: 100 }),
    keptKernelMinutes: read.integer("STET_KEPT_KERNEL_MINUTES", { or: 60, min: 1, max: 1440 }),
    workerListen: read.text("STET_WORKER_LISTEN"),
    isolation: read.choice("STET_ISOLATION", ["auto", "L0", "L1", "L2"]),
    dataFolders: read.dataFolders(home),
    oidc: read.oidc(),
    metricsToken: read.text("STET_METRICS_TOKEN"),
    publicResults: read.flag("STET_PUBLIC_RESULTS"),
    smtp: read.smtp(),
    webhooksInside: read.flag("STET_WEBHOOKS_INSIDE"),
    keep: read.keep(),
  }
  if (!isLoopback(configuration.host) && !configuration.tls && !configuration.trustProxy) read.problems.push(unsafeBind(configuration.host))
  return read.problems.length === 0 ? accepted(configuration) : refused(read.problems)
}

/** Where people reach it, given the port that was really taken. */
export function publicUrl(configuration: Configuration, port: number): string {
  if (configuration.url) return configuration.url
  const scheme = configuration.tls ? "https" : "http"
  const host = isLoopback(configuration.host) || isAnyAddress(configuration.host) ? "localhost" : configuration.host
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::"
}

function unsafeBind(host: string): string {
  return `STET_HOST is ${host}, which others can reach, but nothing protects passwords on the way. Set STET_TLS_CERT and STET_TLS_KEY, or STET_TRUST_PROXY=1 when a reverse proxy in front speaks TLS, or take 127.0.0.1.`
}

class Reader {
  readonly problems: string[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  refuseUnknown(): void {
    for (const name of Object.keys(this.#env)) {
      if (!name.startsWith("STET_") || KNOWN.has(name) || OURS_ALONE.test(name)) continue
      const close = [...KNOWN].find((known) => slipsBetween(name, known) <= 2)
      this.problems.push(`${name} is not a variable that Stet knows.${close ? ` Did you mean ${close}?` : ""} Unset it, or correct its name.`)
    }
  }

  text(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined
  }

  flag(name: string, or = false): boolean {
    const said = this.text(name)
    if (said === undefined) return or
    if (/^(0|false|no|off)$/i.test(said)) return false
    if (/^(1|true|yes|on)$/i.test(said)) return true
    this.problems.push(`${name} is ${JSON.stringify(said)}. Set it to 1 or 0.`)
    return or
  }

  list(name: string): readonly string[] {
    return (this.text(name) ?? "").split(",").flatMap((item) => item.trim() || [])
  }

  /** "@" before them is what people write. A part of a domain lets nobody in, so what is none is a slip. */
  domains(name: string): readonly string[] {
    const domains = this.list(name).map((item) => item.replace(/^@/, "").toLowerCase())
    const wrong = domains.find((item) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(item))
    if (wrong !== undefined)
      this.problems.push(`${name} holds ${JSON.stringify(wrong)}, which is no domain. Write whole ones: example.org,dept.example.org.`)
    return domains
  }

  integer(name: string, { or, min, max }: { readonly or: number; readonly min: number; readonly max: number }): number {
    const said = this.text(name)
    if (said === undefined) return or
    const value = Number(said)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    this.problems.push(`${name} is ${JSON.stringify(said)}. Set it to a whole number from ${min} to ${max}.`)
    return or
  }

  /** Bytes; the variable counts millions of them. */
  megabytes(name: string, { or, min }: { readonly or: number; readonly min: number }): number {
    return this.integer(name, { or, min, max: 100_000_000 }) * 1_000_000
  }

  /** Parts of one are written with a point; undefined when nothing is said. */
  processors(name: string): number | undefined {
    const said = this.text(name)
    if (said === undefined) return undefined
    const value = Number(said)
    if (/^\d+(\.\d+)?$/.test(said) && value >= 0.1 && value <= 1024) return value
    this.problems.push(`${name} is ${JSON.stringify(said)}. Set it to a number of processors from 0.1 to 1024, like 2 or 1.5.`)
    return undefined
  }

  choice<const Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const said = this.text(name)
    const found = said === undefined ? choices[0] : choices.find((choice) => choice.toLowerCase() === said.toLowerCase())
    if (found !== undefined) return found
    this.problems.push(`${name} is ${JSON.stringify(said)}. Set it to one of ${choices.join(", ")}.`)
    return choices[0]
  }

  url(name: string): string | undefined {
    const said = this.text(name)
    if (said === undefined) return undefined
    if (URL.canParse(said) && /^https?:$/.test(new URL(said).protocol)) return said
    this.problems.push(`${name} is ${JSON.stringify(said)}. Set it to an address that begins with https:// or http://.`)
    return undefined
  }

  pair(certName: string, keyName: string): { readonly cert: string; readonly key: string } | undefined {
    const [cert, key] = [this.text(certName), this.text(keyName)]
    if (cert !== undefined && key !== undefined) return { cert, key }
    if (cert !== undefined || key !== undefined) this.problems.push(`${certName} and ${keyName} belong together: set both, or neither.`)
    return undefined
  }

  blobs(home: string, cwd: string): BlobPlace {
    const said = this.text("STET_BLOBS")
    // Not where `stet run` spills: what nothing in the database refers to is swept here.
    const fallback = { kind: "directory", path: join(home, "store") } as const
    if (said === undefined) return fallback
    if (!/^[a-z0-9]+:\/\//i.test(said)) return { kind: "directory", path: isAbsolute(said) ? said : resolve(cwd, said) }
    const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*))?$/.exec(said)
    if (s3) return { kind: "s3", bucket: s3[1]!, prefix: (s3[2] ?? "").replace(/\/+$/, "") }
    this.problems.push(`STET_BLOBS is ${JSON.stringify(said)}. Set it to a directory, or to s3://bucket/prefix.`)
    return fallback
  }

  /** The home, and what holds it, would give every kernel the keys of the platform. */
  dataFolders(home: string): readonly string[] {
    return this.list("STET_DATA_FOLDERS").map((said) => {
      const path = resolve(said)
      const holds = (folder: string, inside: string) => inside === folder || inside.startsWith(folder === "/" ? folder : `${folder}/`)
      if (!isAbsolute(said)) this.problems.push(`STET_DATA_FOLDERS holds ${JSON.stringify(said)}. Write whole paths: /data,/srv/models.`)
      else if (holds(path, home) || holds(home, path))
        this.problems.push(
          `STET_DATA_FOLDERS holds ${JSON.stringify(said)}, and kernels must not read Stet's own files in ${home}. Name folders beside it.`,
        )
      return path
    })
  }

  smtp(): Configuration["smtp"] {
    const [url, from] = [this.text("STET_SMTP_URL"), this.text("STET_MAIL_FROM")]
    if (url === undefined && from === undefined) return undefined
    if (url === undefined || from === undefined) {
      this.problems.push("STET_SMTP_URL and STET_MAIL_FROM belong together: set both, or neither.")
      return undefined
    }
    // It may hold a password, so it is not repeated.
    if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
      this.problems.push("STET_SMTP_URL is no address of a mail server. Set it to smtp://user:password@host:587, or smtps:// for TLS from the start.")
    if (!/^[^\r\n]*[^\s@]+@[^\s@]+>?$/.test(from))
      this.problems.push(`STET_MAIL_FROM is ${JSON.stringify(from)}. Set it to an address, as stet@example.org.`)
    return { url, from }
  }

  oidc(): Oidc | undefined {
    const issuer = this.url("STET_OIDC_ISSUER")
    const clientId = this.text("STET_OIDC_CLIENT_ID")
    if (issuer === undefined && clientId === undefined) return undefined
    if (issuer === undefined || clientId === undefined) {
      this.problems.push("STET_OIDC_ISSUER and STET_OIDC_CLIENT_ID belong together: set both, or neither.")
      return undefined
    }
    return {
      issuer,
      clientId,
      clientSecret: this.text("STET_OIDC_CLIENT_SECRET"),
      groupsClaim: this.text("STET_OIDC_GROUPS_CLAIM") ?? "groups",
      policy: {
        allowedGroups: this.list("STET_OIDC_ALLOWED_GROUPS"),
        allowedDomains: this.domains("STET_OIDC_ALLOWED_DOMAINS"),
        signUp: this.flag("STET_OIDC_SIGN_UP", true),
        linkVerifiedEmail: this.flag("STET_OIDC_LINK_EMAIL"),
      },
      title: this.text("STET_OIDC_TITLE") ?? new URL(issuer).hostname,
    }
  }

  keep(): Keep {
    const days = (name: string, or: number) => this.integer(name, { or, min: 0, max: 36_500 })
    return {
      eventDays: days("STET_KEEP_EVENT_DAYS", 30),
      artifactDays: days("STET_KEEP_ARTIFACT_DAYS", 90),
      journalDays: days("STET_KEEP_JOURNAL_DAYS", 30),
      resultDays: days("STET_KEEP_RESULT_DAYS", 0),
      resultBytes: this.megabytes("STET_KEEP_RESULT_MB", { or: 0, min: 0 }),
      journalBytes: this.megabytes("STET_KEEP_JOURNAL_MB", { or: 0, min: 0 }),
      trashDays: days("STET_KEEP_TRASH_DAYS", 30),
      environmentDays: days("STET_KEEP_ENVIRONMENT_DAYS", 90),
      spoolBytes: this.integer("STET_SPOOL_BYTES", { or: 20_000_000_000, min: 1_000_000, max: Number.MAX_SAFE_INTEGER }),
    }
  }
}
