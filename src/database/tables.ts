// Written by `npm run db:dump` from db/*.sql: do not edit.
import type { ColumnType } from "kysely"
import type { Json } from "#base/json.ts"

/** Read as milliseconds since 1970, written as Date; in a comparison use `at(ms)`. */
type Timestamp = ColumnType<number, Date, Date>
type MaybeTimestamp = ColumnType<number | null, Date | null | undefined, Date | null>
/** Read as Json, written as text: see `toJsonb`. */
type Jsonb = ColumnType<Json, string, string>
type MaybeJsonb = ColumnType<Json | null, string | null | undefined, string | null>
/** Has a default, so an insert may leave it out. */
type Generated<Value> =
  [Value] extends [ColumnType<infer Read, infer Insert, infer Update>] ? ColumnType<Read, Insert | undefined, Update> : ColumnType<Value, Value | undefined, Value>
/** Made by the database alone. */
type Computed<Value> = ColumnType<Value, never, never>

type AllowedHostTable = {
  person_id: string
  host: string
  allowed_at: Timestamp
}

type ApiTokenTable = {
  id: string
  secret: string
  person_id: string
  name: string
  scopes: string[]
  space_id: string | null
  created_at: Timestamp
  created_by: string
  expires_at: Timestamp
  last_used_at: MaybeTimestamp
  revoked_at: MaybeTimestamp
}

type ArtifactTable = {
  run_id: string
  attempt: number
  path: string
  sha256: string
  size_bytes: number
  media_type: Generated<string>
}

type AttemptTable = {
  run_id: string
  number: number
  state: string
  reason: Generated<string>
  explanation: Generated<string>
  worker_id: string | null
  host: Generated<string>
  fence: number
  started_at: MaybeTimestamp
  ended_at: MaybeTimestamp
  environment_sha256: string | null
  cells: Generated<Jsonb>
  failed_cell: number | null
  error: MaybeJsonb
  outputs: MaybeJsonb
  result_sha256: string | null
  result_bytes: number | null
  journal_sha256: string | null
  journal_bytes: number | null
}

type AuditEntryTable = {
  id: Generated<number>
  at: Timestamp
  actor_id: string | null
  via: string
  action: string
  thing: string
  outcome: "done" | "denied" | "failed"
  space_id: string | null
  detail: Generated<Jsonb>
}

type AuditEventTable = {
  seq: number
  at: Timestamp
  actor_id: string | null
  via: string
  action: string
  thing: string
  outcome: "done" | "denied" | "failed"
  space_id: string | null
  detail: Jsonb
  previous: string
  hash: string
}

type BlobTable = {
  sha256: string
  size_bytes: number
  created_at: Timestamp
  claimed_at: Generated<Timestamp>
}

type ChannelTable = {
  template_id: string
  name: string
  number: number
  at: Timestamp
  by_id: string
}

type CodeOwnerTable = {
  space_id: string | null
  template_id: string | null
  person_id: string | null
  group_id: string | null
}

type CommentTable = {
  id: string
  space_id: string
  notebook_id: string
  thread_id: string
  cell_id: Generated<string>
  author_id: string
  body: string
  created_at: Timestamp
  edited_at: MaybeTimestamp
  resolved_at: MaybeTimestamp
  resolved_by: string | null
  deleted_at: MaybeTimestamp
}

type ConsentTable = {
  id: string
  person_id: string
  given_by: string
  thing: string
  binding: string
  given_at: Timestamp
  revoked_at: MaybeTimestamp
  revoked_by: string | null
}

type DeliveryTable = {
  id: Generated<number>
  subscription_id: string
  run_id: string
  attempt: number
  created_at: Timestamp
  tries: Generated<number>
  next_at: MaybeTimestamp
  problem: Generated<string>
}

type DeniedAttemptTable = {
  actor_id: string | null
  via: string
  action: string
  thing: string
  space_id: string | null
  since: Timestamp
  repeats: number
  before: number
}

type DraftTable = {
  notebook_id: string
  state: Uint8Array
  state_seq: Generated<number>
  holder: string | null
  held_until: MaybeTimestamp
  fence: Generated<number>
}

type DraftUpdateTable = {
  notebook_id: string
  seq: number
  bytes: Uint8Array
}

type EnvironmentTable = {
  sha256: string
  name: string
  kind: "locked" | "captured"
  what: Jsonb
  requirements: Generated<Jsonb>
  created_at: Timestamp
  last_used_at: MaybeTimestamp
}

type EnvironmentImportableTable = {
  sha256: string
  python_version: string
  modules: Jsonb
}

type EnvironmentLabelTable = {
  name: string
  at: Timestamp
  sha256: string
}

type ExecutionTable = {
  id: string
  session_id: string
  notebook_id: string
  cell: string
  source: Jsonb
  source_sha256: string
  asked_by: string
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "not_run" | "lost"
  explanation: Generated<string>
  execution_count: number | null
  queued_at: Timestamp
  started_at: MaybeTimestamp
  ended_at: MaybeTimestamp
  outputs: MaybeJsonb
  outputs_sha256: string | null
  overflow_bytes: Generated<number>
}

type ExecutionBlobTable = {
  execution_id: string
  sha256: string
  media_type: string
}

type FileTable = {
  id: string
  space_id: string
  path: string
  folder: Computed<string>
  sha256: string
  size_bytes: number
  created_at: Timestamp
  updated_at: Timestamp
  updated_by: string | null
  trashed_at: MaybeTimestamp
  owner_id: string | null
  path_order: Computed<string>
}

type FindingDismissalTable = {
  proposal_id: string
  finding: string
  person_id: string
  said: string
  at: Timestamp
}

type GroupMemberTable = {
  group_id: string
  person_id: string
  source: "local" | "claim"
}

type IdentityTable = {
  issuer: string
  subject: string
  person_id: string
  created_at: Timestamp
}

type InviteTable = {
  id: string
  secret: string
  kind: "sign_in" | "invite" | "reset"
  person_id: string | null
  space_id: string | null
  role: "viewer" | "commenter" | "runner" | "editor" | "admin" | null
  is_admin: Generated<boolean>
  created_by: string | null
  created_at: Timestamp
  expires_at: Timestamp
  used_at: MaybeTimestamp
}

type KeptKernelTable = {
  run_id: string
  attempt: number
  worker_id: string
  kept_at: Timestamp
  until: Timestamp
  ended_at: MaybeTimestamp
  ending: Generated<"" | "attached" | "expired" | "died" | "let_go" | "not_kept" | "worker_stopped">
}

type KeptKernelPersonTable = {
  run_id: string
  person_id: string
  granted_by: string
  granted_at: Timestamp
}

type LiveFileTable = {
  notebook_id: string
  parameter: string
  upload_id: string
  path: string
  place: Generated<number>
}

type LiveOriginTable = {
  notebook_id: string
  run_id: string | null
  of_notebook: string
  version: number
  cell: Generated<string>
  environment: string | null
  is_attached: boolean
  opened_by: string
  opened_at: Timestamp
}

type NotebookTable = {
  id: string
  space_id: string
  path: string
  folder: Computed<string>
  title: string
  owner_id: string
  language: Generated<string>
  tags: Generated<string[]>
  latest: Generated<number>
  has_parameters: Generated<boolean>
  max_running: number | null
  opened: Generated<string[]>
  file_changes: Generated<number>
  created_at: Timestamp
  updated_at: Timestamp
  updated_by: string | null
  trashed_at: MaybeTimestamp
  last_run_at: MaybeTimestamp
  last_run_state: string | null
  runs_week: Generated<number>
  failures_week: Generated<number>
  viewers_week: Generated<number>
  code_hidden: Generated<boolean>
  tests_text: string | null
  tests_versions: boolean | null
  tested_version: Generated<number>
  path_order: Computed<string>
  title_order: Computed<string>
}

type NotebookBlobTable = {
  notebook_id: string
  sha256: string
}

type NotebookDayTable = {
  notebook_id: string
  day: string
  runs: Generated<number>
  failures: Generated<number>
  viewers: Generated<number>
}

type NotebookViewerTable = {
  notebook_id: string
  day: string
  person_id: string
}

type NoticeTable = {
  id: Generated<number>
  person_id: string
  kind: "mention" | "reply" | "run_failed" | "run_told" | "run_ended" | "tests_failed" | "tests_waiting" | "input_waiting" | "access_asked" | "access_given" | "review_asked" | "changes_asked" | "approved" | "promoted"
  about: string
  space_id: string | null
  notebook_id: string | null
  run_id: string | null
  comment_id: string | null
  by_id: string | null
  said: Generated<string>
  at: Timestamp
  read_at: MaybeTimestamp
}

type OidcFlowTable = {
  id: string
  issuer: string
  return_to: string
  created_at: Timestamp
  expires_at: Timestamp
}

type PeopleGroupTable = {
  id: string
  name: string
  claim: string | null
  created_at: Timestamp
}

type PersonTable = {
  id: string
  kind: "person" | "service" | "system"
  name: string
  login: string | null
  email: string | null
  email_verified: Generated<boolean>
  password: string | null
  is_admin: Generated<boolean>
  owner_id: string | null
  disabled_at: MaybeTimestamp
  created_at: Timestamp
  created_by: string | null
}

type PromotionTable = {
  template_id: string
  number: number
  proposal_id: string
  notebook_id: string
  version: number
  version_sha256: string
  parameters: MaybeJsonb
  evidence: string
  signature: string
  key_id: string
  is_reviewed: boolean
  at: Timestamp
  by_id: string
  run_as: Generated<"invoker" | "owner" | "service">
  run_as_id: string | null
  description: string | null
}

type ProofTable = {
  id: string
  space_id: string
  notebook_id: string
  version: number
  asked_by: string
  asked_at: Timestamp
  first_run: string
  second_run: string | null
  state: Generated<"running" | "clean" | "differs" | "failed" | "unclear">
  said: Generated<string>
  ended_at: MaybeTimestamp
  environment: string | null
  cells: Generated<Jsonb>
  parameters: Generated<Jsonb>
  secret_names: Generated<string[]>
  files: Generated<Jsonb>
}

type ProposalTable = {
  id: string
  template_id: string
  space_id: string
  notebook_id: string
  version: number
  version_sha256: string
  binding: string
  parameters: MaybeJsonb
  message: Generated<string>
  author_id: string
  state: "open" | "promoted" | "withdrawn" | "replaced"
  created_at: Timestamp
  closed_at: MaybeTimestamp
  closed_by: string | null
  run_as: Generated<"invoker" | "owner" | "service">
  run_as_id: string | null
}

type ProposalCheckTable = {
  proposal_id: string
  place: number
  kind: "rerun" | "test"
  name: string
  parameters: Jsonb
  expects: Jsonb
  run_id: string | null
  verdict: Generated<"pending" | "passed" | "failed">
  said: Generated<string>
  environment: string | null
  result_sha256: string | null
  mocks: Generated<Jsonb>
  shown: MaybeJsonb
}

type PublicResultTable = {
  id: string
  secret_digest: string
  run_id: string
  attempt: number
  with_code: boolean
  made_by: string
  made_at: Timestamp
  withdrawn_at: MaybeTimestamp
}

type ReviewTable = {
  proposal_id: string
  person_id: string
  verdict: "approve" | "request_changes"
  said: Generated<string>
  binding: string
  at: Timestamp
}

type RoleGrantTable = {
  id: string
  space_id: string
  notebook_id: string | null
  person_id: string | null
  group_id: string | null
  role: "viewer" | "commenter" | "runner" | "editor" | "admin"
  granted_by: string | null
  granted_at: Timestamp
}

type RunTable = {
  id: string
  space_id: string
  notebook_id: string
  version: number
  version_sha256: string
  parameters: Generated<Jsonb>
  secret_names: Generated<string[]>
  secrets: Uint8Array | null
  labels: Generated<Jsonb>
  orchestrator: MaybeJsonb
  openlineage: MaybeJsonb
  trigger: "person" | "token" | "schedule" | "orchestrator" | "test"
  ordered_by: string
  token_id: string | null
  idempotency_key: string | null
  request_digest: string | null
  priority: Generated<number>
  limits: Generated<Jsonb>
  retry: Generated<Jsonb>
  environment_asked: string | null
  created_at: Timestamp
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "lost"
  reason: Generated<string>
  explanation: Generated<string>
  desired: Generated<"run" | "cancel">
  cancel_reason: Generated<string>
  cancel_as: Generated<string>
  cancel_grace_ms: number | null
  attempt: Generated<number>
  first_attempt: Generated<number>
  fence: Generated<number>
  lease_until: MaybeTimestamp
  worker_id: string | null
  not_before: MaybeTimestamp
  queued_at: Timestamp
  started_at: MaybeTimestamp
  ended_at: MaybeTimestamp
  environment_sha256: string | null
  cells_done: Generated<number>
  cells_total: Generated<number>
  current_cell: number | null
  failed_cell: number | null
  error: MaybeJsonb
  result_sha256: string | null
  result_bytes: number | null
  journal_sha256: string | null
  keepalive_ms: number | null
  keepalive_at: MaybeTimestamp
  seq: Generated<number>
  log_bytes: Generated<number>
  template_id: string | null
  ran_as: string | null
  consent_id: string | null
  keep_kernel_ms: number | null
  rig: MaybeJsonb
}

type RunBlobTable = {
  run_id: string
  attempt: number
  sha256: string
}

type RunEventTable = {
  run_id: string
  seq: number
  attempt: number
  at: Timestamp
  type: string
  what: Jsonb
  log_end: Generated<number>
  journal_end: Generated<number>
}

type RunFileTable = {
  run_id: string
  parameter: string
  upload_id: string
  path: string
  place: Generated<number>
}

type SearchTextTable = {
  notebook_id: string
  space_id: string
  prose: string
  code: string
  outputs: string
  words: string
}

type SessionTable = {
  id: string
  space_id: string
  notebook_id: string
  worker_id: string
  host: Generated<string>
  state: "starting" | "idle" | "busy" | "restarting" | "dead" | "lost" | "ended"
  explanation: Generated<string>
  kernel_name: Generated<string>
  display_name: Generated<string>
  language: Generated<string>
  environment: Generated<string>
  environment_sha256: string | null
  environment_asked: string | null
  started_by: string
  features: Generated<string[]>
  started_at: Timestamp
  ended_at: MaybeTimestamp
  idle_until: MaybeTimestamp
  lease_until: Timestamp
  widgets_sha256: string | null
}

type SessionFileTable = {
  session_id: string
  path: string
  sha256: string
  size_bytes: number
  changed_at: Timestamp
}

type SignInAttemptTable = {
  key: string
  failures: number
  last_at: Timestamp
  blocked_until: Timestamp
}

type SpaceTable = {
  id: string
  name: string
  title: string
  max_running: number | null
  default_environment: string | null
  file_changes: Generated<number>
  created_at: Timestamp
  created_by: string | null
  trashed_at: MaybeTimestamp
}

type StandingYesTable = {
  notebook_id: string
  effect: string
  said_by: string
  said_at: Timestamp
}

type SubscriptionTable = {
  id: string
  person_id: string
  template_id: string | null
  notebook_id: string | null
  hears: "all" | "failures"
  way: "inbox" | "webhook" | "mail"
  address: Generated<string>
  secret: Uint8Array | null
  created_at: Timestamp
  problem: Generated<string>
  failed_at: MaybeTimestamp
}

type TemplateTable = {
  id: string
  space_id: string
  notebook_id: string
  name: string
  owner_id: string
  approvals: number | null
  latest: Generated<number>
  created_at: Timestamp
  created_by: string
  deprecated_at: MaybeTimestamp
  deprecation: Generated<string>
  successor_id: string | null
  run_as: Generated<"invoker" | "owner" | "service">
  run_as_id: string | null
  max_running: number | null
  profile: Generated<Jsonb>
}

type TestCaseTable = {
  id: string
  space_id: string
  notebook_id: string
  name: string
  parameters: Generated<Jsonb>
  expects: Jsonb
  created_at: Timestamp
  updated_at: Timestamp
  updated_by: string | null
  mocks: Generated<Jsonb>
}

type TestRunTable = {
  id: string
  notebook_id: string
  version: number
  because: "asked" | "version" | "environment"
  asked_by: string
  created_at: Timestamp
  template_id: string | null
  environment: string | null
  environment_asked: Generated<string>
  told_at: MaybeTimestamp
  waits_for: MaybeJsonb
  answer: "yes" | "left" | null
  answered_by: string | null
  answered_at: MaybeTimestamp
}

type TestRunCaseTable = {
  test_run_id: string
  place: number
  name: string
  parameters: Jsonb
  expects: Jsonb
  mocks: Jsonb
  run_id: string | null
  verdict: Generated<"pending" | "passed" | "failed" | "left">
  said: Generated<string>
  result_sha256: string | null
}

type UploadTable = {
  id: string
  notebook_id: string
  person_id: string
  name: string
  sha256: string
  size_bytes: number
  sent_at: Timestamp
}

type VersionTable = {
  notebook_id: string
  number: number
  space_id: string
  sha256: string
  size_bytes: number
  author_id: string | null
  created_at: Timestamp
  message: Generated<string>
  label: string | null
  parent: number | null
  source: "editor" | "import" | "api" | "git"
  manifest: Generated<Jsonb>
  manifest_sha256: string
  parameters: MaybeJsonb
  kernel_name: Generated<string>
  language: Generated<string>
  base: number | null
  stored: Uint8Array | null
  stored_sha256: string | null
  schema_edition: Generated<number>
}

type VersionEnvironmentTable = {
  notebook_id: string
  version: number
  want: "named" | "listed" | "kernel"
  name: string
  language: string
}

type WebSessionTable = {
  id: string
  person_id: string
  created_at: Timestamp
  seen_at: Timestamp
  expires_at: Timestamp
  user_agent: Generated<string>
  address: Generated<string>
}

type WorkerTable = {
  id: string
  host: string
  pid: number
  address: Generated<string>
  isolation: Generated<string>
  slots: number
  started_at: Timestamp
  seen_at: Timestamp
  draining: Generated<boolean>
  facts: Generated<Jsonb>
}

export type Tables = {
  allowed_host: AllowedHostTable
  api_token: ApiTokenTable
  artifact: ArtifactTable
  attempt: AttemptTable
  audit_entry: AuditEntryTable
  audit_event: AuditEventTable
  blob: BlobTable
  channel: ChannelTable
  code_owner: CodeOwnerTable
  comment: CommentTable
  consent: ConsentTable
  delivery: DeliveryTable
  denied_attempt: DeniedAttemptTable
  draft: DraftTable
  draft_update: DraftUpdateTable
  environment: EnvironmentTable
  environment_importable: EnvironmentImportableTable
  environment_label: EnvironmentLabelTable
  execution: ExecutionTable
  execution_blob: ExecutionBlobTable
  file: FileTable
  finding_dismissal: FindingDismissalTable
  group_member: GroupMemberTable
  identity: IdentityTable
  invite: InviteTable
  kept_kernel: KeptKernelTable
  kept_kernel_person: KeptKernelPersonTable
  live_file: LiveFileTable
  live_origin: LiveOriginTable
  notebook: NotebookTable
  notebook_blob: NotebookBlobTable
  notebook_day: NotebookDayTable
  notebook_viewer: NotebookViewerTable
  notice: NoticeTable
  oidc_flow: OidcFlowTable
  people_group: PeopleGroupTable
  person: PersonTable
  promotion: PromotionTable
  proof: ProofTable
  proposal: ProposalTable
  proposal_check: ProposalCheckTable
  public_result: PublicResultTable
  review: ReviewTable
  role_grant: RoleGrantTable
  run: RunTable
  run_blob: RunBlobTable
  run_event: RunEventTable
  run_file: RunFileTable
  search_text: SearchTextTable
  session: SessionTable
  session_file: SessionFileTable
  sign_in_attempt: SignInAttemptTable
  space: SpaceTable
  standing_yes: StandingYesTable
  subscription: SubscriptionTable
  template: TemplateTable
  test_case: TestCaseTable
  test_run: TestRunTable
  test_run_case: TestRunCaseTable
  upload: UploadTable
  version: VersionTable
  version_environment: VersionEnvironmentTable
  web_session: WebSessionTable
  worker: WorkerTable
}
