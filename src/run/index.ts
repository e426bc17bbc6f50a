export { before } from "#run/before.ts"
export { type Dialect, parameterFacts, STET } from "#run/dialect.ts"
export type { Watch } from "#run/fold.ts"
export { DEFAULT_LIMITS, type GivenParameter, type Limits, type Order, type RunId, skipReason, wholePlan } from "#run/order.ts"
export { type OutputChange as OutputChanged, outputOf } from "#run/outputs.ts"
export { pause } from "#run/pause.ts"
export { type Performance, type Performed, perform, type Stage } from "#run/perform.ts"
export type { Blobs, Journal, JournalReading, Timers } from "#run/ports.ts"
export { summary } from "#run/project.ts"
export { type Recovered, recover } from "#run/recover.ts"
export { type Redactor, redactor } from "#run/redact.ts"
export { type CellError, type CellRun, type CellState, isOver, type Reason, type Run, type RunEvent, type RunStatus } from "#run/run.ts"
export { type NoSuchCell, type Selection, selected } from "#run/selection.ts"
export {
  type Asked,
  type Execution,
  isExecutionOver,
  isSessionOver,
  SESSION_LIMITS,
  type Session,
  type SessionEvent,
  type SessionOrder,
} from "#run/session.ts"
export { SessionDrive, type SessionWorld, type Started } from "#run/session-drive.ts"
export { refoldSession, type SessionFold } from "#run/session-fold.ts"
export type { OutputsNow, SessionTold } from "#run/session-telling.ts"
export { type BytesSource, locate, type Sink, type Storage, withoutSecrets } from "#run/storage.ts"
