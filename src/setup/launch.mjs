import { spawn } from "node:child_process"

const FORWARDED = /** @type {const} */ (["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"])
const FROM_THE_TERMINAL = new Set(["SIGINT", "SIGQUIT"])

/**
 * Goes on as another process: same terminal, same pipes, its signals are ours and its end is ours. Never returns.
 *
 * Node before 22.15 cannot replace itself, so this process stays as a shell around the other one.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<never>}
 */
export function becomeProgram(program, args, env) {
  // A terminal sends Ctrl-C to the whole foreground group: passed on as well it would arrive twice, and a second
  // Ctrl-C means "at once".
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  // Listened to before there is anybody to tell: a signal between the two would end this process alone.
  for (const signal of FORWARDED) process.on(signal, () => (onTerminal && FROM_THE_TERMINAL.has(signal) ? undefined : child.kill(signal)))
  const child = spawn(program, args, { stdio: "inherit", env: { ...env, STET_LAUNCHER: String(process.pid) } })
  child.on("error", (error) => {
    process.stderr.write(`stet: ${program} could not be started: ${error.message}\n`)
    process.exit(3)
  })
  child.on("exit", (code, signal) => (signal ? endBy(signal) : process.exit(code ?? 0)))
  return new Promise(() => {})
}

/** @param {NodeJS.Signals} signal */
function endBy(signal) {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // Reached when the signal is ignored here or takes a moment.
  setTimeout(() => process.exit(128), 1000)
}

/**
 * In a process that has another one around it, which `becomeProgram` left or in which npm runs a script. Ends it as if
 * asked to when that one is gone, so that nobody is left running unseen (npm's shell dies of a signal and tells nobody); and hears a signal
 * that was sent to the whole group, and so came twice, as one.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function endWithLauncher(env = process.env) {
  const around = env.STET_LAUNCHER ? Number(env.STET_LAUNCHER) : env.npm_lifecycle_event ? process.ppid : 0
  delete env.STET_LAUNCHER
  if (around === 0 || process.ppid !== around) return
  hearTwinsAsOne()
  const watch = setInterval(() => {
    if (process.ppid === around) return
    clearInterval(watch)
    process.kill(process.pid, "SIGTERM")
  }, 500)
  watch.unref()
}

const TWINS_MS = 250

function hearTwinsAsOne() {
  /** @type {Map<string, number>} */
  const heard = new Map()
  const emit = process.emit
  /** @type {(name: string, ...rest: unknown[]) => boolean} */
  const emitOnce = (name, ...rest) => {
    if (FORWARDED.some((signal) => signal === name)) {
      const before = heard.get(name) ?? Number.NEGATIVE_INFINITY
      heard.set(name, performance.now())
      if (performance.now() - before < TWINS_MS) return true
    }
    return Reflect.apply(emit, process, [name, ...rest])
  }
  process.emit = /** @type {typeof process.emit} */ (/** @type {unknown} */ (emitOnce))
}
