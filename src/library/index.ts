export type { CommentRow } from "#library/comment.ts"
export { type CopyBytes, type CopyNotebook, copyBytes, copyNotebook } from "#library/copy.ts"
export type { DraftTold, Writer } from "#library/draft-held.ts"
export { type SavedWidgets, type ShownByExecutions, showIn } from "#library/draft-versions.ts"
export { type Drafts, type DraftTimes, type OpenDraft, openDrafts } from "#library/drafts.ts"
export { type Export, type ExportEntry, exportSpace } from "#library/export.ts"
export { type Fetch, type ImportEntry, type ImportReport, importArchive, importPieces, importUrl } from "#library/import.ts"
export { lackedAlone } from "#library/import-lacks.ts"
export { keepBlob } from "#library/keep.ts"
export { completeManifest } from "#library/manifest-of.ts"
export type { FileRow, NotebookRow, Page, SpaceRow, Usage } from "#library/notebook-row.ts"
export type { Archives, Offered, Offering } from "#library/offered.ts"
export type { Blob, BlobContent, Blobs, Digest, LibraryWorld, Packing, StoredBlob } from "#library/ports.ts"
export type { CatalogRefusal, Catalogued } from "#library/refusal.ts"
export { type BrokenVersions, brokenVersions, type Scrubbed, scrubBlobs, sweepOrphans } from "#library/scrub.ts"
export type { SearchField, Snippet } from "#library/snippet.ts"
export { sourcesOf } from "#library/sources.ts"
export { askAccess } from "#library/sql/ask-access.ts"
export { addComment, changeComment, deleteComment, listComments } from "#library/sql/comments.ts"
export { handOver, hideCode, limitNotebook, setTags } from "#library/sql/describe.ts"
export { type NotebookRights, notebookRights } from "#library/sql/draft-rights.ts"
export { getFile, listFiles } from "#library/sql/find-file.ts"
export { getNotebook, getNotebookAnd } from "#library/sql/find-notebook.ts"
export { getSpace, type ListedSpace, listSpaces } from "#library/sql/find-space.ts"
export { type Item, listFolder } from "#library/sql/list-folder.ts"
export { type ListNotebooks, listNotebooks, type NotebookOrder } from "#library/sql/list-notebooks.ts"
export { moveFile, moveFolder, moveNotebook } from "#library/sql/move.ts"
export { purgeTrash } from "#library/sql/purge.ts"
export { putFile } from "#library/sql/put-file.ts"
export { type Hit, type SearchPage, searchNotebooks } from "#library/sql/search.ts"
export { changeSpace, createSpace, restoreSpace, trashSpace } from "#library/sql/spaces.ts"
export { listTestCases, putTestCase, putTestFile, removeTestCase, type TestCase, testCasesOf, testFileOf } from "#library/sql/test-cases.ts"
export { restoreFile, restoreNotebook, trashFile, trashFolder, trashNotebook } from "#library/sql/trash.ts"
export { recordRun, recordView, rollUsage, usageDays } from "#library/sql/usage.ts"
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
export { readSchemasAnew } from "#library/versions-schema.ts"
