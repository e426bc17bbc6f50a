/** The one table from refusals to HTTP. Adding a refusal or a fault anywhere fails to compile until it is here. */
import type { FaultCode } from "#base/fault.ts"
import type { EnvironmentRefusal } from "#environment/index.ts"
import type { VersionRefusal } from "#library/index.ts"
import type { PeopleRefused } from "#people/index.ts"
import type { TemplateRefusal } from "#template/index.ts"
import type { ProofRefusal, RunRefusal, SessionRefusal, UploadRefusal } from "#work/index.ts"

/** What the API itself refuses, before any other room is asked. */
export type ApiRefused =
  | "bad_request"
  | "head_too_large"
  | "came_too_slowly"
  | "bad_body"
  | "no_such_route"
  | "wrong_host"
  | "foreign_origin"
  | "wrong_content_type"
  | "too_many_requests"
  | "bad_range"
  | "no_such_output"
  | "too_busy"
  | "app_not_built"
  | "wrong_method"

export type AnyRefused =
  | ApiRefused
  | PeopleRefused
  | VersionRefusal["refused"]
  | EnvironmentRefusal["refused"]
  | RunRefusal["refused"]
  | ProofRefusal["refused"]
  | UploadRefusal["refused"]
  | SessionRefusal["refused"]
  | TemplateRefusal["refused"]

export const STATUS = {
  bad_request: 400,
  bad_body: 400,
  bad_cursor: 400,
  bad_query: 400,
  not_signed_in: 401,
  bad_sign_in: 401,
  sign_in_again: 403,
  needs_session: 403,
  not_allowed: 403,
  foreign_origin: 403,
  scope_beyond_rights: 403,
  single_sign_on_refused: 403,
  no_such_route: 404,
  no_such_run: 404,
  no_such_version: 404,
  no_such_output: 404,
  no_such_artifact: 404,
  no_such_attempt: 404,
  no_result: 404,
  no_such_upload: 404,
  no_such_run_file: 404,
  no_such_cell: 422,
  no_kernel: 404,
  no_origin: 404,
  no_such_space: 404,
  no_such_notebook: 404,
  no_session: 404,
  no_such_execution: 404,
  no_such_session_file: 404,
  no_such_variable: 404,
  session_dead: 409,
  kernel_busy: 409,
  kernel_gone: 409,
  needs_yes: 409,
  not_supported: 422,
  no_room: 503,
  no_such_file: 404,
  no_such_comment: 404,
  no_such_template: 404,
  no_such_proposal: 404,
  no_such_test: 404,
  no_such_subscription: 404,
  no_such_promotion: 409,
  no_such_finding: 404,
  blocks: 409,
  gates_closed: 409,
  own_proposal: 409,
  changed_since: 409,
  already_proposed: 409,
  no_consent: 409,
  nothing_to_consent: 409,
  no_such_folder: 404,
  no_such_person: 404,
  no_such_group: 404,
  no_such_grant: 404,
  no_such_token: 404,
  no_such_session: 404,
  no_such_invite: 404,
  no_such_environment: 404,
  single_sign_on_off: 404,
  wrong_method: 405,
  edited_meanwhile: 409,
  file_changed: 409,
  key_reused: 409,
  run_exists: 409,
  wrong_state: 409,
  uploads_full: 409,
  upload_taken: 409,
  writes_again: 409,
  login_taken: 409,
  name_taken: 409,
  claim_taken: 409,
  path_taken: 409,
  last_admin: 409,
  still_owns: 409,
  cancelled: 409,
  bad_link: 410,
  came_too_slowly: 408,
  too_large: 413,
  head_too_large: 431,
  app_not_built: 503,
  wrong_content_type: 415,
  bad_range: 416,
  wrong_host: 421,
  bad_field: 422,
  bad_parameters: 422,
  bad_launch: 422,
  empty_file: 422,
  unreadable_notebook: 422,
  bad_json: 422,
  not_a_notebook: 422,
  unsupported_format: 422,
  bad_label: 422,
  bad_subscription: 422,
  bad_policy: 422,
  bad_limit: 422,
  bad_address: 422,
  weak_password: 422,
  bad_path: 422,
  bad_name: 422,
  bad_archive: 422,
  bad_test_file: 422,
  bad_test: 422,
  bad_requirements: 422,
  environment_unusable: 422,
  build_failed: 422,
  too_many_attempts: 429,
  too_many_requests: 429,
  told_too_often: 429,
  no_such_notice: 404,
  queue_full: 429,
  too_busy: 503,
} as const satisfies Record<AnyRefused, number>

/** The one thing to do next, where the refusal's own sentence does not say it. */
export const API_REMEDY: Partial<Record<AnyRefused, string>> = {
  bad_request: "Correct what is named and send it again.",
  bad_body: "Correct what is named and send it again.",
  head_too_large: "Send less in the address and the headers: what is long goes into the body.",
  came_too_slowly: "Send it again.",
  not_signed_in: "Sign in, or send a token as Authorization: Bearer.",
  no_such_route: "Look at /api/docs for what there is.",
  wrong_host: "Use the address that the server prints when it starts, or set STET_URL to this one.",
  foreign_origin: "Use Stet's own pages, or a token from a program.",
  too_many_requests: "Wait as long as Retry-After says.",
  too_busy: "Try again in a moment.",
  bad_range: "Ask for bytes within the size.",
  edited_meanwhile: "Look at what was saved meanwhile, then save again with its number as base.",
  file_changed: "Look at what is there now, then put yours again with its digest as base.",
  no_result: "Wait until the run has ended: a result is there when it began to run.",
}

export const FAULT_STATUS = {
  kernel_start_failed: 500,
  kernel_died: 500,
  kernel_silent: 500,
  worker_gone: 503,
  no_such_kernel: 500,
  isolation_unavailable: 500,
  storage_unreadable: 500,
  storage_unwritable: 500,
  storage_forbidden: 500,
  disk_full: 507,
  backup_damaged: 500,
  bad_configuration: 500,
  checkpoints_damaged: 500,
  identity_provider: 502,
  index_unreachable: 502,
  journal_damaged: 500,
  blob_missing: 500,
  blob_damaged: 500,
  version_damaged: 500,
  busy: 503,
  database_unreachable: 503,
  database_mismatch: 503,
} as const satisfies Record<FaultCode, number>
