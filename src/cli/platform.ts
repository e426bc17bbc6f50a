/** What the commands that look after a platform ask for; done at the edge (platform.ts), where there is a database. */

/** One thing that was looked at. */
export type Check = {
  readonly name: string
  readonly state: "ok" | "warning" | "failed"
  readonly message: string
  /** The one thing to do; "" when all is well. */
  readonly remedy: string
}

export type Health = { readonly ok: boolean; readonly version: string; readonly checks: readonly Check[] }

export type BackupReport = { readonly tables: number; readonly rows: number; readonly blobs: number; readonly sizeBytes: number }

export type ScrubReport = {
  readonly blobs: number
  readonly versions: number
  readonly damaged: readonly string[]
  readonly missing: readonly string[]
  readonly orphaned: number
  readonly swept: number
}

export type AuditReport = { readonly events: number; readonly head: string; readonly firstBad: number | undefined; readonly why: string }

/** Newest last; `isTrusted`: the key after it vouches for it. */
export type KeysReport = {
  readonly fingerprint: string
  readonly before: readonly { readonly fingerprint: string; readonly until: string; readonly isTrusted: boolean }[]
}

/** How far a long piece of work is. */
export type Tell = (line: string) => void

export type Platform = {
  /** Everything on this machine until it is asked to end; gives the exit code. */
  start(options: { readonly open: boolean }): Promise<number>
  server(): Promise<number>
  worker(): Promise<number>
  /** The code of a one-use link for the person of that login. @throws Fault bad_configuration when there is none */
  signInLink(login: string): Promise<{ readonly code: string; readonly expiresAt: number }>
  doctor(options: { readonly deep: boolean }): Promise<Health>
  /** Writes a whole backup into a new directory. @throws Fault when it is there already */
  backup(directory: string, tell: Tell): Promise<BackupReport>
  /** Fills an empty platform from a backup. `verifyOnly` reads everything and changes nothing. */
  restore(directory: string, options: { readonly verifyOnly: boolean }, tell: Tell): Promise<BackupReport>
  scrub(options: { readonly sweep: boolean }, tell: Tell): Promise<ScrubReport>
  /** The signing keys: the one of now, and those that it followed. */
  keys(): Promise<KeysReport>
  /** A new one in its place. `isTrusted` false: the old one fell into wrong hands, and nothing of it is vouched for. */
  rotateKeys(options: { readonly isTrusted: boolean }): Promise<KeysReport>
  /** `head` is "seq:hash" as an earlier verification printed it, kept elsewhere: only then is a cut tail noticed. */
  verifyAudit(options: { readonly head: string | undefined }): Promise<AuditReport>
}
