/** The door of the command line: finds the command, reads its flags, and turns what went wrong into a sentence and an exit code. */
import { isFault } from "#base/fault.ts"
import type { Action } from "#cli/action.ts"
import { type Command, checkPositionals, HELP, isOn, parseArguments } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { commandList, helpText } from "#cli/help-text.ts"
import { nearest } from "#cli/nearest.ts"
import { sayFault } from "#cli/say.ts"

/** Each command is loaded only when it is called: starting must not cost what is not used. */
export const COMMANDS: { readonly [name: string]: () => Promise<Action> } = {
  run: async () => (await import("#cli/commands/run.ts")).RUN,
  resume: async () => (await import("#cli/commands/resume.ts")).RESUME,
  recover: async () => (await import("#cli/commands/recover.ts")).RECOVER,
  inspect: async () => (await import("#cli/commands/inspect.ts")).INSPECT,
  test: async () => (await import("#cli/commands/test.ts")).TEST,
  check: async () => (await import("#cli/commands/check.ts")).CHECK,
  validate: async () => (await import("#cli/commands/validate.ts")).VALIDATE,
  diff: async () => (await import("#cli/commands/diff.ts")).DIFF,
  html: async () => (await import("#cli/commands/html.ts")).HTML,
  kernels: async () => (await import("#cli/commands/kernels.ts")).KERNELS,
  start: async () => (await import("#cli/commands/start.ts")).START,
  server: async () => (await import("#cli/commands/start.ts")).SERVER,
  worker: async () => (await import("#cli/commands/start.ts")).WORKER,
  "sign-in": async () => (await import("#cli/commands/sign-in.ts")).SIGN_IN,
  notebooks: async () => (await import("#cli/commands/notebooks.ts")).NOTEBOOKS,
  put: async () => (await import("#cli/commands/put.ts")).PUT,
  get: async () => (await import("#cli/commands/get.ts")).GET,
  space: async () => (await import("#cli/commands/space.ts")).SPACE,
  token: async () => (await import("#cli/commands/token.ts")).TOKEN,
  import: async () => (await import("#cli/commands/import.ts")).IMPORT,
  export: async () => (await import("#cli/commands/export.ts")).EXPORT,
  versions: async () => (await import("#cli/commands/versions.ts")).VERSIONS,
  propose: async () => (await import("#cli/commands/propose.ts")).PROPOSE,
  templates: async () => (await import("#cli/commands/templates.ts")).TEMPLATES,
  mcp: async () => (await import("#cli/commands/mcp.ts")).MCP,
  evidence: async () => (await import("#cli/commands/evidence.ts")).EVIDENCE,
  verify: async () => (await import("#cli/commands/verify.ts")).VERIFY,
  runs: async () => (await import("#cli/commands/runs.ts")).RUNS,
  log: async () => (await import("#cli/commands/log.ts")).LOG,
  result: async () => (await import("#cli/commands/result.ts")).RESULT,
  cancel: async () => (await import("#cli/commands/cancel.ts")).CANCEL,
  attach: async () => (await import("#cli/commands/attach.ts")).ATTACH,
  retry: async () => (await import("#cli/commands/retry.ts")).RETRY,
  "sign-in-link": async () => (await import("#cli/commands/sign-in-link.ts")).SIGN_IN_LINK,
  doctor: async () => (await import("#cli/commands/doctor.ts")).DOCTOR,
  backup: async () => (await import("#cli/commands/backup.ts")).BACKUP,
  restore: async () => (await import("#cli/commands/backup.ts")).RESTORE,
  scrub: async () => (await import("#cli/commands/scrub.ts")).SCRUB,
  keys: async () => (await import("#cli/commands/keys.ts")).KEYS,
  audit: async () => (await import("#cli/commands/audit.ts")).AUDIT,
  env: async () => (await import("#cli/commands/env.ts")).ENV,
  papermill: async () => (await import("#cli/commands/papermill.ts")).PAPERMILL,
  completion: async () => (await import("#cli/commands/completion.ts")).COMPLETION,
}

/** The headings of the program's own help: every command stands under one. */
export const GROUPS: { readonly [heading: string]: readonly string[] } = {
  "Notebooks on this machine": ["run", "resume", "recover", "inspect", "test", "check", "validate", "diff", "html", "papermill", "kernels", "env"],
  "Notebooks on a server": ["sign-in", "token", "space", "notebooks", "put", "get", "versions", "import", "export"],
  "Runs on a server": ["runs", "log", "result", "cancel", "retry", "attach"],
  Templates: ["templates", "propose", "evidence", "verify", "mcp"],
  "A platform of one's own": ["start", "server", "worker", "sign-in-link", "doctor", "backup", "restore", "scrub", "keys", "audit"],
  "The shell": ["completion"],
}

async function grouped(): Promise<readonly (readonly [string, readonly Command[]])[]> {
  const load = async (names: readonly string[]) => Promise.all(names.map(async (name) => (await COMMANDS[name]!()).command))
  return Promise.all(Object.entries(GROUPS).map(async ([heading, names]) => [heading, await load(names)] as const))
}

async function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map(async (load) => (await load()).command))
}

export async function main(words: readonly string[], edge: Edge): Promise<number> {
  const [name = "", ...rest] = words
  if (name === "" || name === "--help" || name === "-h" || name === "help") return help(rest[0], edge)
  if (name === "--version" || name === "-V") {
    edge.out.write(`stet ${edge.version}\n`)
    return EXIT.succeeded
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) return unknown(name, edge)
  try {
    return await act(await load(), rest, edge)
  } catch (error) {
    if (!isFault(error)) throw error
    return sayFault(edge, error)
  }
}

async function act(action: Action, words: readonly string[], edge: Edge): Promise<number> {
  if (action.actRaw) return action.actRaw(words, edge)
  const { command } = action
  const parsed = parseArguments([...command.flags, HELP], words)
  if (!parsed.ok) return misused(parsed.refusal.message, command, edge)
  if (isOn(parsed.value, "--help")) {
    edge.out.write(helpText({ ...command, flags: [...command.flags, HELP] }, edge.out.columns))
    return EXIT.succeeded
  }
  const checked = checkPositionals(command.positionals, parsed.value)
  return checked.ok ? action.act(parsed.value, edge, { commands: allCommands }) : misused(checked.refusal.message, command, edge)
}

function misused(message: string, command: Command, edge: Edge): number {
  complain(edge, message, `See: ${command.name} --help`)
  return EXIT.bad
}

function unknown(name: string, edge: Edge): number {
  const close = nearest(name, Object.keys(COMMANDS))[0]
  complain(edge, `There is no command "${name}".`, close ? `Did you mean: stet ${close}` : "See: stet --help")
  return EXIT.bad
}

async function help(name: string | undefined, edge: Edge): Promise<number> {
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (name !== undefined && !load) return unknown(name, edge)
  if (load) return act(await load(), ["--help"], edge)
  const list = commandList(await grouped(), edge.out.columns)
  edge.out.write(
    `Stet runs Jupyter notebooks and keeps a true record of it.\n\nUsage: stet COMMAND [OPTIONS] …\n\n${list}\n\nMore about one: stet COMMAND --help. Version: stet --version.\n`,
  )
  return EXIT.succeeded
}
