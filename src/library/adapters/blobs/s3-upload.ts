/** One object sent to S3, in one request or in parts, so that it is created whole or not at all. */
import { createHash } from "node:crypto"
import type { CompletedPart } from "@aws-sdk/client-s3"
import { answerOf } from "#library/adapters/blobs/s3-fault.ts"
import type { Session } from "#library/adapters/blobs/s3-session.ts"
import type { Blob } from "#library/ports.ts"

/** Bytes that can be read again, part by part. */
export type Body = { part(from: number, to: number): Promise<Uint8Array> }

type Upload = { readonly body: Body; readonly replace: boolean }

const IF_ABSENT = { IfNoneMatch: "*" } as const

/** True when the object is there by this; false when it was there before, and so was not written. */
export async function uploadIn(session: Session, blob: Blob, upload: Upload): Promise<boolean> {
  try {
    await (blob.sizeBytes <= session.partBytes ? inOneRequest(session, blob, upload) : inParts(session, blob, upload))
    return true
  } catch (error) {
    if (!upload.replace && answerOf(error) === "present") return false
    throw error
  }
}

function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64")
}

async function inOneRequest({ sdk, client, patiently, place }: Session, blob: Blob, { body, replace }: Upload): Promise<void> {
  const { bucket, key } = place(blob.sha256)
  const Body = await body.part(0, blob.sizeBytes)
  const command = {
    Bucket: bucket,
    Key: key,
    Body,
    ContentLength: Body.length,
    ContentType: "application/octet-stream",
    ChecksumSHA256: Buffer.from(blob.sha256, "hex").toString("base64"),
    ...(replace ? {} : IF_ABSENT),
  }
  await patiently(() => client.send(new sdk.PutObjectCommand(command)))
}

async function inParts(session: Session, blob: Blob, { body, replace }: Upload): Promise<void> {
  const { sdk, client, patiently, place } = session
  const { bucket, key } = place(blob.sha256)
  const at = { Bucket: bucket, Key: key }
  const begin = { ...at, ContentType: "application/octet-stream", ChecksumAlgorithm: "SHA256" } as const
  const { UploadId } = await patiently(() => client.send(new sdk.CreateMultipartUploadCommand(begin)))
  const upload = { ...at, UploadId }
  try {
    const Parts: CompletedPart[] = []
    for (let from = 0; from < blob.sizeBytes; from += session.partBytes) {
      const Body = await body.part(from, Math.min(blob.sizeBytes, from + session.partBytes))
      const ChecksumSHA256 = checksumOf(Body)
      const PartNumber = Parts.length + 1
      const part = { ...upload, PartNumber, Body, ContentLength: Body.length, ChecksumSHA256 }
      const { ETag } = await patiently(() => client.send(new sdk.UploadPartCommand(part)))
      Parts.push({ ETag, PartNumber, ChecksumSHA256 })
    }
    const end = { ...upload, MultipartUpload: { Parts }, ...(replace ? {} : IF_ABSENT) }
    await patiently(() => client.send(new sdk.CompleteMultipartUploadCommand(end)))
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined)
    throw error
  }
}
