/** The one table from what an S3 server or its SDK says to what a person reads. */
import { Fault, type FaultCode, isFault, toError } from "#base/fault.ts"

export type ObjectName = { readonly bucket: string; readonly key: string }
type Doing = "read" | "write"
type SdkError = {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}
type Said = { readonly code?: FaultCode; readonly why: (name: ObjectName, doing: Doing) => string; readonly remedy: string; readonly retry?: "later" }

/** A Fault passes as it is. */
export function s3Fault(error: unknown, doing: Doing, name: ObjectName): Fault {
  if (isFault(error)) return error
  const said = explain(error as SdkError)
  const cannot: FaultCode = doing === "read" ? "storage_unreadable" : "storage_unwritable"
  const message = `s3://${name.bucket}/${name.key} cannot be ${doing === "read" ? "read" : "written"}: ${said.why(name, doing)}.`
  return new Fault(said.code ?? cannot, message, { cause: error, remedy: said.remedy, ...(said.retry ? { retry: said.retry } : {}) })
}

function explain(error: SdkError): Said {
  const status = error.$metadata?.httpStatusCode ?? 0
  const byName = BY_NAME[error.name ?? ""] ?? BY_NAME[error.code ?? ""]
  // A named error that is not in the table says more by its own message than its status would.
  const isNameless = /^(Unknown|UnknownError|Error|\d*)$/.test(error.name ?? "")
  return byName ?? (isNameless ? BY_STATUS[status] : undefined) ?? (status >= 500 ? TROUBLE : fallback(error))
}

function fallback(error: SdkError): Said {
  if (/credential|could not load/i.test(error.message ?? "")) return NO_CREDENTIALS
  if (/region is missing/i.test(error.message ?? "")) return NO_REGION
  return { why: () => toError(error).message.replace(/\.$/, "") || `the server answered ${error.$metadata?.httpStatusCode ?? "nothing"}`, remedy: "" }
}

const NO_KEY: Said = { why: () => "there is no such object", remedy: "Check the key; S3 keys are case-sensitive." }
const NO_BUCKET: Said = {
  why: ({ bucket }) => `there is no bucket ${bucket}`,
  remedy: "Check its name, and AWS_ENDPOINT_URL if it is not on Amazon's S3.",
}
const NO_CREDENTIALS: Said = {
  code: "storage_forbidden",
  why: () => "no S3 credentials were found",
  remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
}
const NO_REGION: Said = { why: () => "no AWS region is set", remedy: "Set AWS_REGION (for another server than Amazon's: AWS_ENDPOINT_URL)." }
const DENIED: Said = {
  code: "storage_forbidden",
  why: (_name, doing) =>
    `these credentials may not ${doing === "read" ? "read it (or it is not there, and they may not list the bucket)" : "write it"}`,
  remedy: "Ask for s3:GetObject or s3:PutObject on it, or use other credentials.",
}
const BAD_KEY: Said = {
  code: "storage_forbidden",
  why: () => "the server does not know these credentials",
  remedy: "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
}
const EXPIRED: Said = {
  code: "storage_forbidden",
  why: () => "these credentials have expired",
  remedy: "Get new ones (and a new AWS_SESSION_TOKEN).",
}
const SKEWED: Said = { code: "storage_forbidden", why: () => "this machine's clock is wrong", remedy: "Set the clock." }
const ELSEWHERE: Said = { why: ({ bucket }) => `the bucket ${bucket} is in another region`, remedy: "Set AWS_REGION to the bucket's region." }
const TOO_LARGE: Said = { why: () => "it is larger than the server takes", remedy: "Name another output." }
const FULL: Said = {
  code: "disk_full",
  why: () => "the server has no room left",
  remedy: "Free some space there, or name another output.",
  retry: "later",
}
const BUSY: Said = { why: () => "the server asks to slow down", remedy: "Try again later.", retry: "later" }
const TROUBLE: Said = { why: () => "the server has trouble of its own", remedy: "Try again later.", retry: "later" }
const UNREACHED: Said = { why: () => "the server cannot be reached", remedy: "Check AWS_ENDPOINT_URL and the network.", retry: "later" }
const UNKNOWN_HOST: Said = { why: () => "the server's name is not known", remedy: "Check AWS_ENDPOINT_URL and AWS_REGION." }

const BY_NAME: { readonly [name: string]: Said } = {
  NoSuchKey: NO_KEY,
  NotFound: NO_KEY,
  NoSuchBucket: NO_BUCKET,
  InvalidBucketName: NO_BUCKET,
  CredentialsProviderError: NO_CREDENTIALS,
  AccessDenied: DENIED,
  AllAccessDisabled: DENIED,
  AccountProblem: DENIED,
  InvalidAccessKeyId: BAD_KEY,
  SignatureDoesNotMatch: BAD_KEY,
  InvalidToken: BAD_KEY,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  RequestTimeTooSkewed: SKEWED,
  PermanentRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  EntityTooLarge: TOO_LARGE,
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  SlowDown: BUSY,
  ServiceUnavailable: BUSY,
  ThrottlingException: BUSY,
  InternalError: TROUBLE,
  TimeoutError: UNREACHED,
  ECONNREFUSED: UNREACHED,
  ECONNRESET: UNREACHED,
  ETIMEDOUT: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  EPIPE: UNREACHED,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNREACHED,
}

// Answers to HEAD have no body and so no name.
const BY_STATUS: { readonly [status: number]: Said } = {
  301: ELSEWHERE,
  401: DENIED,
  403: DENIED,
  404: NO_KEY,
  413: TOO_LARGE,
  429: BUSY,
  503: BUSY,
  507: FULL,
}
