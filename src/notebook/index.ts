export { hasFileAmong } from "#notebook/analysis/among.ts"
export type {
  CellNames,
  Circumstances,
  Dependency,
  Effect,
  Finding,
  Fix,
  FixEdit,
  MemberQuestion,
  Readiness,
} from "#notebook/analysis/analysis.ts"
export {
  type Analyst,
  type Answer,
  analystFor,
  dismissing,
  type Executed,
  findingId,
  fixed,
  isBeyond,
  mayDismiss,
  openAnalyst,
  type Sources,
  type Stale,
  sourcesFrom,
  type ToldWriting,
  toldWriting,
  type WritingCell,
  writingCells,
} from "#notebook/analysis/analysis.ts"
export { RULES, type RuleName } from "#notebook/analysis/findings.ts"
export { knownSecrets } from "#notebook/analysis/secret-forms.ts"
export { type Binding, type Bindings, type BindProblem, bind, type Given, type GivenValue } from "#notebook/bind.ts"
export { type CellComparison, compareNotebooks, type NotebookComparison } from "#notebook/compare/compare.ts"
export { type Detail, type Explained, type ExplainedCell, explainCell, explainNotebooks } from "#notebook/compare/explain.ts"
export type { ExplainedLine } from "#notebook/compare/explain-lines.ts"
export type { ExplainedTable } from "#notebook/compare/explain-table.ts"
export { type Compared, type CompareOptions, compareOutputs } from "#notebook/compare/outputs.ts"
export { type Reproduced, type ReproducedCell, type Reproduction, reproduced } from "#notebook/compare/proof.ts"
export { passes, type Sameness } from "#notebook/compare/sameness.ts"
export { type CellDiff, type DiffSummary, diff, type Hunk, type MemberChange, type NotebookDiff, type OutputChange } from "#notebook/diff.ts"
export { diffText, keptLines } from "#notebook/diff-lines.ts"
export { type Cell, isCode, kernelNameOf, languageOf, type Notebook, type Output, tagsOf } from "#notebook/document.ts"
export type { GrammarSource, Grammars, LoadGrammars } from "#notebook/grammars.ts"
export { type InjectOptions, type InjectProblem, inject } from "#notebook/inject.ts"
export { forgetting, secretDocument } from "#notebook/inject-secrets.ts"
export { type Language, languageFor } from "#notebook/languages.ts"
export { namedIn } from "#notebook/named.ts"
export { declaredParameters, grammarsOf } from "#notebook/parameters.ts"
export { absentFile, type Beside, besideIn, declaredBeside, pathBeside } from "#notebook/parameters-beside.ts"
export { describeType } from "#notebook/parameters-check.ts"
export type { Declared, Parameter, ParameterProblem } from "#notebook/parameters-declared.ts"
export { type FilePlace, fileMisfit, filePlaceOf, fileSize, pathsIn, safeFileName, uploadIn, uploadNamed } from "#notebook/parameters-file.ts"
export { nodesOf, parsedBy, type Syntax, textOf } from "#notebook/parameters-syntax.ts"
export type { FileType, ParameterType } from "#notebook/parameters-type.ts"
export { type Reading, type ReadRefusal, type Repair, read } from "#notebook/read.ts"
export { isShown, reportOf } from "#notebook/report.ts"
export { type Problem, validate } from "#notebook/validate.ts"
export { cellFrameOf, type Frame, frameOf, write, writeCell, writeOutput } from "#notebook/write.ts"
