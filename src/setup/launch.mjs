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
  const child = spawn(program, args, { stdio: "inherit", env: { ...env, STET_LAUNCHER: String(process.pid) } })
  // A terminal sends Ctrl-C to the whole foreground group: passed on as well it would arrive twice, and a second
  // Ctrl-C means "at once".
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of FORWARDED) process.on(signal, () => (onTerminal && FROM_THE_TERMINAL.has(signal) ? undefined : child.kill(signal)))
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
 * In the process that `becomeProgram` started: ends it as if asked to when the one around it was killed outright, so that
 * nobody is left running unseen.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function endWithLauncher(env = process.env) {
  const launcher = Number(env.STET_LAUNCHER)
  delete env.STET_LAUNCHER
  if (!launcher || process.ppid !== launcher) return
  const watch = setInterval(() => {
    if (process.ppid === launcher) return
    clearInterval(watch)
    process.kill(process.pid, "SIGTERM")
  }, 500)
  watch.unref()
}
