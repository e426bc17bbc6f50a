export {
  bringBackCells,
  deleteCells,
  moveCells,
  setAttachments,
  setCellMetadata,
  setCellTags,
  setNotebookMetadata,
  setSource,
  setType,
} from "#draft/change.ts"
export { type BadUpdate, type CheckedUpdate, checkUpdate, type UpdateLimits } from "#draft/check.ts"
export { insertCell, type NewCell, pasteCells } from "#draft/insert.ts"
export { mergeNotebook, type Sides } from "#draft/merge.ts"
export { applyNotebook, authoredText, fillDraft, type Shown, shownIn, toNotebook } from "#draft/notebook.ts"
export { type Draft, type DraftChange, openDraft } from "#draft/open-draft.ts"
export { type Replay, replayOf } from "#draft/replay.ts"
export { DRAFT_RULES, type DraftCell, PERSON, type Place, SERVER } from "#draft/schema.ts"
export { settler } from "#draft/settler.ts"
export { sourceDigest } from "#draft/source-digest.ts"
export { mergeCells, mergedInto, splitCell } from "#draft/split.ts"
export { undoOf } from "#draft/undo.ts"
