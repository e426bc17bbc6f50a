export { type Accepted, accept } from "#work/accept.ts"
export { cancel, cancelUnconsented, keepalive } from "#work/cancel.ts"
export type { KeptKernels } from "#work/kept-kernels.ts"
export { allowKeptKernel, forbidKeptKernel, type HeldKernel, letKernelGo, lookAtKept } from "#work/kept-rights.ts"
export { askedText, type Launch, type Orchestrator, type Trigger } from "#work/launch.ts"
export { type LinkOptions, openLink } from "#work/link.ts"
export type { Dial, Wire } from "#work/link-wire.ts"
export { listRuns, type RunFilter, type RunPage } from "#work/list-runs.ts"
export { type LivePlan, planLive } from "#work/live-plan.ts"
export { type OpenLive, openLive } from "#work/open-live.ts"
export type { PoolOptions } from "#work/pool.ts"
export type { Comparing, Host, Queue, Scratches, Seal, Spools } from "#work/ports.ts"
export { type AskProof, askProof, type ProofRefusal, proofsOf } from "#work/proof.ts"
export { openResult, publishedResults, publishResult, withdrawResult } from "#work/public-results.ts"
export {
  artifactOf,
  attemptsOf,
  eventsAfter,
  getRun,
  type LogPart,
  logFrom,
  outputsOf,
  type ResultRef,
  resultOf,
  runFileOf,
} from "#work/reads.ts"
export { startReconciling } from "#work/reconcile.ts"
export type { LaunchRefusal, RunRefusal } from "#work/refusal.ts"
export { type Retained, type RetentionPolicy, retain, type WorkFacts, workFacts } from "#work/retain.ts"
export { retry } from "#work/retry.ts"
export { returnLive } from "#work/return-live.ts"
export { type ArtifactRow, type AttemptRow, type CellTime, isTerminal, type RunReason, type RunRow, type RunState } from "#work/row.ts"
export type { Explorers } from "#work/session-explore.ts"
export type { SessionFile, SessionFileList } from "#work/session-files.ts"
export { SessionHost, type SessionHostOptions } from "#work/session-host.ts"
export { type KeptOutputs, outputsOfExecutions, savedWidgets } from "#work/session-kept.ts"
export type { Link, SessionAnswer, SessionLine, StartOptions } from "#work/session-line.ts"
export { type ExecutionData, executionData, type LiveSessionRow, liveSessions, stopSession, sweepSessions } from "#work/session-list.ts"
export type { SessionRefusal } from "#work/session-refusal.ts"
export { serveLink } from "#work/session-serve.ts"
export type {
  CellAsked,
  CommTold,
  Completion,
  ExecutionState,
  ExecutionView,
  Inspection,
  LiveOutput,
  OutputChange,
  OutputsSnapshot,
  SessionState,
  SessionView,
  Told,
  Variable,
  VariableDetail,
  Variables,
} from "#work/session-view.ts"
export type { StoredEvent } from "#work/sql/events.ts"
export { listWorkers, type WorkerRow } from "#work/sql/lease.ts"
export { findOrigin, type LiveOrigin } from "#work/sql/live-origin.ts"
export type { ProofRow } from "#work/sql/proof.ts"
export type { PublicResult } from "#work/sql/public-results.ts"
export type { UploadRow } from "#work/sql/uploads.ts"
export { type Surroundings, surroundingsOf, whereItRuns } from "#work/surroundings.ts"
export type { InTheNameOf, Ordering, Resources, Terms } from "#work/terms.ts"
export { dropUpload, getUpload, type SendFile, type Sent, sendFile, sweepUploads, type UploadRefusal } from "#work/uploads.ts"
export { openWatch, type RunWatch } from "#work/watch.ts"
export { startWorker, type Worker, type WorkerOptions } from "#work/worker.ts"
export type { WorkWorld } from "#work/world.ts"
export { type WritesAgain, writesAgain } from "#work/writes-again.ts"
