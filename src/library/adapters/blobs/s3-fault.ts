/** What an S3 server or its SDK says: whether asking again helps, and how a person reads it. */
import { Fault, isFault, toError } from "#base/fault.ts"

type SdkError = {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/**
 * throttled: ask again, later than usual. passing: ask again. present: the create-only put found the object there, or its
 * upload was ended before, by a request whose answer was lost; look.
 * absent: no such object. final: asking again will not help.
 */
export type Answer = "throttled" | "passing" | "present" | "absent" | "final"

const THROTTLED =
  /^(SlowDown|SlowDownRead|SlowDownWrite|Throttling|ThrottlingException|RequestLimitExceeded|TooManyRequests|RequestThrottled|ServiceUnavailable)$/
// A checksum that did not fit was spoilt on the way; a conflict is another put or delete of the same key under way.
const PASSING =
  /^(BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch|IncompleteBody|RequestTimeout|InternalError|TimeoutError|ConditionalRequestConflict|OperationAborted|CutShort|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_STREAM_PREMATURE_CLOSE)$/

export function answerOf(error: unknown): Answer {
  const { name = "", code = "", message = "", $metadata } = (error ?? {}) as SdkError
  const status = $metadata?.httpStatusCode ?? 0
  if (THROTTLED.test(name) || status === 429 || status === 503) return "throttled"
  if (name === "PreconditionFailed" || name === "NoSuchUpload" || status === 412) return "present"
  if (name === "NoSuchBucket" || isFull(error)) return "final"
  if (PASSING.test(name) || PASSING.test(code) || status >= 500 || status === 409) return "passing"
  if (name === "NoSuchKey" || name === "NotFound" || status === 404) return "absent"
  // The socket closed under the SDK, which then has nothing better to say than that it cannot read the answer.
  return /socket hang up|aborted|deserialization|premature close/i.test(message) && !(status >= 400) ? "passing" : "final"
}

function isFull(error: unknown): boolean {
  const { name = "", $metadata } = (error ?? {}) as SdkError
  return $metadata?.httpStatusCode === 507 || /StorageFull|QuotaExceeded|InsufficientCapacity/i.test(name)
}

type Doing = "read" | "write"
export type Place = { readonly bucket: string; readonly key: string }

/** A Fault passes as it is; so does what is no error of the SDK's or the network's. */
export function s3Fault(error: unknown, doing: Doing, place: Place): Error {
  if (isFault(error) || !isOfS3(error)) return toError(error)
  const where = `s3://${place.bucket}/${place.key}`
  const cannot = `${where} cannot be ${doing === "read" ? "read" : "written"}`
  const code = doing === "read" ? "storage_unreadable" : "storage_unwritable"
  const answer = answerOf(error)
  const { name = "", message = "", $metadata } = error as SdkError
  const status = $metadata?.httpStatusCode ?? 0
  if (answer === "throttled")
    return later(`${cannot}: the server asks to slow down, again and again.`, { code, error, remedy: "Wait; it is tried again by itself." })
  if (answer === "passing") {
    return later(`${cannot}: ${reason(error)}, again and again.`, {
      code,
      error,
      remedy: "Check that the server of STET_BLOBS is up and can be reached.",
    })
  }
  if (isFull(error)) {
    return later(`${cannot}: the server has no room left; nothing was stored.`, {
      code: "disk_full",
      error,
      remedy: "Free some space there, or raise its quota.",
    })
  }
  if (name === "NoSuchBucket") {
    return new Fault(code, `${cannot}: there is no bucket ${place.bucket}.`, { cause: error, remedy: "Make it, or correct STET_BLOBS." })
  }
  if (status === 401 || status === 403 || /credential|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/i.test(`${name} ${message}`)) {
    return new Fault("storage_forbidden", `${cannot}: the server does not accept the credentials (${reason(error)}).`, {
      cause: error,
      remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to ones that may get, put, list and delete in this bucket.",
    })
  }
  return new Fault(code, `${cannot}: ${reason(error)}.`, { cause: error, remedy: "Check STET_BLOBS, AWS_ENDPOINT_URL and AWS_REGION." })
}

function later(message: string, { code, error, remedy }: { code: Fault["code"]; error: unknown; remedy: string }): Fault {
  return new Fault(code, message, { cause: error, retry: "later", remedy })
}

function isOfS3(error: unknown): boolean {
  const { code, $metadata } = (error ?? {}) as SdkError
  return $metadata !== undefined || typeof code === "string" || answerOf(error) !== "final" || /credential|region/i.test(toError(error).message)
}

function reason(error: unknown): string {
  const { name = "", code = "", message = "", $metadata } = error as SdkError
  const said = message.replace(/\.$/, "")
  if (said !== "" && said !== "UnknownError") return said
  return code || name || `it answered ${$metadata?.httpStatusCode ?? "nothing"}`
}
