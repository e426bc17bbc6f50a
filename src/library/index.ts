export { claimBlobs, keepBlob } from "#library/keep.ts"
export { completeManifest } from "#library/manifest-of.ts"
export type { Blob, BlobContent, Blobs, Digest, LibraryWorld, Packing, StoredBlob } from "#library/ports.ts"
export type { VersionRow, VersionSource } from "#library/sql/version-row.ts"
export { versionBytes } from "#library/stored-keep.ts"
export {
  diffVersions,
  type FileChange,
  labelVersion,
  listVersions,
  refreshVersion,
  resolveVersion,
  type VersionDiff,
  type Which,
} from "#library/versions.ts"
export type { EditedMeanwhile, Versioned, VersionRefusal } from "#library/versions-refusal.ts"
export { type Save, type Saved, saveVersion } from "#library/versions-save.ts"
