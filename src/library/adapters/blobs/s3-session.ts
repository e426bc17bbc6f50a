/** A client that is ready, and where it puts what. */
import type { S3Client } from "@aws-sdk/client-s3"
import type { Patience } from "#library/adapters/blobs/patience.ts"
import type { Place } from "#library/adapters/blobs/s3-fault.ts"

export type Session = {
  readonly sdk: typeof import("@aws-sdk/client-s3")
  readonly client: S3Client
  readonly patiently: Patience
  readonly partBytes: number
  place(sha256: string): Place
}
