/** `stet papermill`: papermill's command line on Stet's engine, so that an existing job changes one word. */
import { randomUUID } from "node:crypto"
import { joined } from "#base/bytes.ts"
import { newId } from "#base/id.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Action } from "#cli/action.ts"
import { conduct } from "#cli/conduct.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { helpText } from "#cli/help-text.ts"
import { startingKernel } from "#cli/kernel.ts"
import { papermillDialect } from "#cli/papermill/dialect.ts"
import { PAPERMILL as COMMAND, type PapermillCommand, type PapermillRun, parsePapermill } from "#cli/papermill/flags.ts"
import { logReporter, streamFiles } from "#cli/papermill/log.ts"
import { momentAt } from "#cli/papermill/moment.ts"
import { mergeParameters, type NamedValue } from "#cli/papermill/parameters.ts"
import { type BuiltIns, fillPath } from "#cli/papermill/path-template.ts"
import { declaredIn, kernelNameFor, type Refusal, readNotebook } from "#cli/prepare.ts"
import { linesReporter, type Reporter, SILENT } from "#cli/progress.ts"
import { barReporter } from "#cli/progress-bar.ts"
import { report } from "#cli/report.ts"
import { sayFault } from "#cli/say.ts"
import { table } from "#cli/table.ts"
import { refuseDirectory } from "#cli/working-directory.ts"
import { inject, type Notebook } from "#notebook/index.ts"
import { before, DEFAULT_LIMITS, isOver, type Order, type Run, type RunId, type Storage, wholePlan, withoutSecrets } from "#run/index.ts"

/** Papermill's own: the kernel died. */
const KERNEL_DIED = 138

export const PAPERMILL: Action = {
  command: COMMAND,
  act: async () => EXIT.bad,
  actRaw: async (words, edge) => {
    const asked = parsePapermill(words, { stdinIsPipe: edge.stdinIsPipe, stdoutIsTerminal: edge.out.isTerminal })
    if (asked.ok) return perform(asked.value, edge)
    edge.err.write(
      `Usage: stet papermill [OPTIONS] NOTEBOOK_PATH [OUTPUT_PATH]\nTry 'stet papermill --help' for help.\n\nError: ${asked.refusal.message}\n`,
    )
    return EXIT.bad
  },
}

async function perform(command: PapermillCommand, edge: Edge): Promise<number> {
  if (command.do === "version") edge.out.write(`stet ${edge.version}\n`)
  if (command.do === "help") edge.out.write(helpText(COMMAND, edge.out.columns))
  if (command.do === "version" || command.do === "help") return EXIT.succeeded
  const storage = await edge.storage({ allowPrivateAddresses: true })
  try {
    const outcome = command.do === "help notebook" ? await helpNotebook(command, edge, storage) : await run(command, edge, storage)
    if (outcome.ok) return outcome.value
    complain(edge, outcome.refusal.messages.join("\n      "), outcome.refusal.remedy)
    return EXIT.failed
  } catch (error) {
    // Papermill knows one code for all that is not misuse.
    sayFault(edge, error)
    return EXIT.failed
  }
}

type Asked = { readonly values: readonly NamedValue[]; readonly builtIns: BuiltIns }

async function given(
  command: PapermillRun | (PapermillCommand & { do: "help notebook" }),
  edge: Edge,
  storage: Storage,
): Promise<Outcome<Asked, Refusal>> {
  const values = await mergeParameters(command.sources, (uri) => storage.read(uri))
  if (!values.ok) return refused({ messages: [values.refusal.message], remedy: "" })
  const now = edge.clock.now()
  const builtIns = { runUuid: randomUUID(), utc: momentAt(now), local: momentAt(now, -new Date(now).getTimezoneOffset()) }
  return accepted({ values: values.value, builtIns })
}

function filled(path: string, { values, builtIns }: Asked): Outcome<string, Refusal> {
  const whole = fillPath(path, values, builtIns)
  return whole.ok ? whole : refused({ messages: [whole.refusal.message], remedy: "Write {{ and }} for braces that belong to the path." })
}

async function helpNotebook(command: PapermillCommand & { do: "help notebook" }, edge: Edge, storage: Storage): Promise<Outcome<number, Refusal>> {
  const asked = await given(command, edge, storage)
  const input = asked.ok ? filled(command.input, asked.value) : asked
  if (!input.ok) return input
  const notebook = await readNotebook(storage, input.value)
  if (!notebook.ok) return notebook
  const declared = await declaredIn(edge, notebook.value)
  const rows = declared.parameters.map(({ name, typeText, defaultText, help }) => [
    `${name}:`,
    typeText || "Unknown type",
    `(default ${defaultText})`,
    help,
  ])
  edge.out.write(
    `Usage: stet papermill [OPTIONS] ${command.input} [OUTPUT_PATH]\n\nParameters inferred for notebook '${command.input}':\n${rows.length > 0 ? `${table(rows, "  ")}\n` : "  none\n"}`,
  )
  return accepted(declared.cells > 0 ? EXIT.succeeded : EXIT.failed)
}

async function run(command: PapermillRun, edge: Edge, storage: Storage): Promise<Outcome<number, Refusal>> {
  if (command.engine !== undefined && command.engine !== "nbclient")
    return refused({ messages: [`There is no engine named "${command.engine}".`], remedy: "Stet's own engine is used when --engine is left out." })
  const asked = await given(command, edge, storage)
  if (!asked.ok) return asked
  const [input, output] = [filled(command.input, asked.value), filled(command.output, asked.value)]
  if (!input.ok) return input
  if (!output.ok) return output
  const read = await readNotebook(storage, input.value, edge)
  if (!read.ok) return read
  const paths = { ...command, input: input.value, output: output.value }
  const order = await orderOf(read.value, { command: paths, values: asked.value.values, edge })
  if (!order.ok) return order
  const dialect = papermillDialect({ version: edge.version, reportMode: command.reportMode })
  if (command.prepareOnly) {
    await storage.write(paths.output, joined([...before(order.value, dialect, edge.clock.now())]))
    return accepted(EXIT.succeeded)
  }
  const elsewhere = refuseDirectory(edge, command.cwd)
  if (elsewhere) return refused(elsewhere)
  for (const target of [paths.output, command.stdoutFile, command.stderrFile]) if (target !== undefined) await storage.check(target)
  return accepted(await execute(order.value, { command: paths, edge, storage, dialect }))
}

type Ordering = { readonly command: PapermillRun; readonly values: readonly NamedValue[]; readonly edge: Edge }

async function orderOf(notebook: Notebook, { command, values, edge }: Ordering): Promise<Outcome<Order, Refusal>> {
  const kernelName = kernelNameFor(notebook, command.kernel)
  const declared = await declaredIn(edge, notebook)
  const known = new Set(declared.parameters.map((parameter) => parameter.name))
  for (const { name } of values) if (!known.has(name)) edge.err.write(`Passed unknown parameter: ${name}\n`)
  const bindings = values.map(({ name, value }) => ({ name, value, secret: false }))
  const injected = inject(notebook, bindings, {
    kernelName,
    reportMode: command.reportMode,
    ...(command.language === undefined ? {} : { language: command.language }),
  })
  if (!injected.ok) return refused({ messages: injected.refusal.map((problem) => problem.message), remedy: "" })
  return accepted({
    id: newId<"Run">(edge.clock.now(), edge.random) as RunId,
    notebook: injected.value,
    input: withoutSecrets(command.input),
    output: withoutSecrets(command.output),
    kernelName,
    parameters: values,
    plan: wholePlan(injected.value),
    done: [],
    limits: { ...DEFAULT_LIMITS, cellTimeoutMs: (command.executionTimeoutSeconds ?? 0) * 1000 },
    allowErrors: false,
    pipelining: true,
  })
}

type Executing = {
  readonly command: PapermillRun
  readonly edge: Edge
  readonly storage: Storage
  readonly dialect: ReturnType<typeof papermillDialect>
}

async function execute(order: Order, { command, edge, storage, dialect }: Executing): Promise<number> {
  const kernels = await edge.kernels()
  const reporter = streamFiles(reporterOf(command, edge), {
    stdout: command.stdoutFile,
    stderr: command.stderrFile,
    terminal: edge.out,
    complain: (message) => complain(edge, message),
  })
  try {
    const wish = {
      startTimeoutMs: command.startTimeoutSeconds * 1000,
      preparePython: edge.preparePython,
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    }
    const { run } = await conduct(edge, {
      order,
      dialect,
      ...(await startingKernel(kernels, order, wish)),
      open: () => storage.openWrite(command.output),
      snapshotMs:
        command.savePerCell && (await storage.mayRepeat(command.output)) ? Math.max(1, Math.min(command.autosaveSeconds || 3, 3)) * 1000 : 0,
      keepKernelMs: 0,
      journalPath: undefined,
      watch: reporter.event,
    })
    reporter.end(run)
    if (run.status !== "succeeded") report(run, { err: edge.err, output: command.output === "-" ? "" : command.output, keptForMs: 0 })
    return exitOf(run)
  } finally {
    reporter.close()
    await kernels.close()
  }
}

function reporterOf(command: PapermillRun, edge: Edge): Reporter {
  const now = () => edge.clock.now()
  if (command.logOutput) return logReporter((text) => edge.err.write(text), command.logLevel)
  if (!command.progressBar) return SILENT
  return edge.err.isTerminal ? barReporter(edge.err, now, edge.timers) : linesReporter(edge.err, now)
}

function exitOf(run: Run): number {
  if (!isOver(run) || run.status === "succeeded") return EXIT.succeeded
  return run.reason === "kernel_died" || run.reason === "out_of_memory" ? KERNEL_DIED : EXIT.failed
}
