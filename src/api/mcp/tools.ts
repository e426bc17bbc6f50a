/** The tools that agents are offered, beside one for each template. Pure. */
import { RUN_ANY } from "#api/mcp/tool-name.ts"

export type Tool = {
  readonly name: string
  readonly title: string
  readonly description: string
  /** JSON Schema, always an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, boolean>>
}

const READS = { readOnlyHint: true, openWorldHint: false }
/** What a template does is its own affair: it may write somewhere. */
export const ACTS = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true }

const TEMPLATE = {
  type: "string",
  description: "A template's name, as finance/weekly-revenue. With @channel or @version behind it, another promotion than the newest is meant.",
}
const RUN = { type: "string", description: "The id of a run: 26 digits and capital letters." }
export const MOST_WAIT_SECONDS = 55
export const USUAL_WAIT_SECONDS = 45
const WAIT = {
  type: "number",
  minimum: 0,
  maximum: MOST_WAIT_SECONDS,
  default: USUAL_WAIT_SECONDS,
  description: "Answer when the run is over, or after so many seconds.",
}

export const READING: readonly Tool[] = [
  {
    name: "list_templates",
    title: "List templates",
    description: "What can be run by name: each template's name, title and what it is for.",
    inputSchema: object({
      query: { type: "string", maxLength: 200, description: "A part of the name, the title or the description." },
      after: { type: "string", maxLength: 200, description: "The name of the last one of the list before." },
    }),
    annotations: READS,
  },
  {
    name: "describe_template",
    title: "Describe a template",
    description: "What one template is for, and the JSON Schema of its parameters.",
    inputSchema: object({ template: TEMPLATE }, ["template"]),
    annotations: READS,
  },
  {
    name: "get_run",
    title: "Look at a run",
    description: "How a run stands, what it left by name, and its report.",
    inputSchema: object({ run: RUN, wait_seconds: { ...WAIT, default: 0 } }, ["run"]),
    annotations: READS,
  },
]

export const RUNNING: readonly Tool[] = [
  {
    name: RUN_ANY,
    title: "Run a template",
    description:
      "Runs the template of this name, waits for its end for a while, and gives its report. The run goes on when the wait is over: ask get_run.",
    inputSchema: object(
      {
        template: TEMPLATE,
        parameters: {
          type: "object",
          description:
            "By name, as the schema of describe_template wants them. A file (format x-stet-file) is given as {name, text} or {name, base64} up to 1 MB, or as upload: and an id; a list of files as a list of these.",
          additionalProperties: true,
        },
        key: { type: "string", minLength: 1, maxLength: 255, description: "The same key never runs twice: it gives the run that there is." },
        wait_seconds: WAIT,
      },
      ["template"],
    ),
    annotations: ACTS,
  },
  {
    name: "cancel_run",
    title: "Stop a run",
    description: "Asks a run to stop. One that is over stays as it is.",
    inputSchema: object({ run: RUN, reason: { type: "string", maxLength: 1000 } }, ["run"]),
    annotations: { ...ACTS, idempotentHint: true },
  },
]

function object(properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) {
  return { type: "object", properties, required, additionalProperties: false }
}
