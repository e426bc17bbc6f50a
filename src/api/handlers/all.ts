/** Every route's handler. One that is missing does not compile. */

import { FRAMES } from "#api/frames/library.ts"
import { COPIES } from "#api/handlers/copies.ts"
import { DRAFTS } from "#api/handlers/drafts.ts"
import { PLATFORM } from "#api/handlers/environments.ts"
import { FILES } from "#api/handlers/files.ts"
import { INBOX } from "#api/handlers/inbox.ts"
import { LIVE } from "#api/handlers/live-sessions.ts"
import { NOTEBOOKS } from "#api/handlers/notebooks.ts"
import { OPEN_LIVE } from "#api/handlers/open-live.ts"
import { CREDENTIALS, PEOPLE } from "#api/handlers/people.ts"
import { PROOFS } from "#api/handlers/proofs.ts"
import { PROPOSALS } from "#api/handlers/proposals.ts"
import { RUNS } from "#api/handlers/runs.ts"
import { SESSIONS } from "#api/handlers/sessions.ts"
import { SPACES } from "#api/handlers/spaces.ts"
import { SUBSCRIPTIONS } from "#api/handlers/subscriptions.ts"
import { TEMPLATES } from "#api/handlers/templates.ts"
import { TESTS } from "#api/handlers/tests.ts"
import { UPLOADS } from "#api/handlers/uploads.ts"
import { MCP } from "#api/mcp/handler.ts"
import type { Handlers } from "#api/serve/handler.ts"

export const HANDLERS: Handlers = {
  ...SESSIONS,
  ...PEOPLE,
  ...CREDENTIALS,
  ...SPACES,
  ...NOTEBOOKS,
  ...FILES,
  ...RUNS,
  ...UPLOADS,
  ...PROOFS,
  ...COPIES,
  ...PLATFORM,
  ...FRAMES,
  ...INBOX,
  ...PROPOSALS,
  ...TEMPLATES,
  ...TESTS,
  ...LIVE,
  ...MCP,
  ...SUBSCRIPTIONS,
  ...OPEN_LIVE,
  ...DRAFTS,
}
