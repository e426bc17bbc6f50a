export {
  deleteCells,
  moveCells,
  setAttachments,
  setCellMetadata,
  setCellTags,
  setNotebookMetadata,
  setSource,
  setType,
  undoOf,
} from "#draft/change.ts"
export { insertCell, type NewCell, pasteCells } from "#draft/insert.ts"
export { applyNotebook, authoredText, fillDraft, type Shown, toNotebook } from "#draft/notebook.ts"
export { type Draft, type DraftChange, openDraft } from "#draft/open-draft.ts"
export { type DraftCell, PERSON, type Place, SERVER } from "#draft/schema.ts"
export { sourceDigest } from "#draft/source-digest.ts"
export { mergeCells, splitCell } from "#draft/split.ts"
