/**
 * @typedef {{ readonly path: string, readonly passed: number, readonly failed: number, readonly skipped: number }} TestFile
 * @typedef {{ readonly errors: number, readonly files: ReadonlyArray<TestFile> }} Report what scripts/reporter.mjs wrote
 * @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Tally
 */

/** More than so many files have not stumbled: something is broken. */
const STUMBLES = 6

/**
 * How many tests passed and failed. An error that no test caught, a run with no test in it and a run without a report count as
 * failures: such a run must never look whole.
 *
 * @param {Report | undefined} report
 * @param {number} code vitest's exit code
 * @returns {Tally}
 */
export function tally(report, code) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const sum = (/** @type {keyof Tally} */ what) => report.files.reduce((all, file) => all + file[what], 0)
  const [passed, failed, skipped] = [sum("passed"), sum("failed") + report.errors, sum("skipped")]
  const unexplained = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0
  return { passed, failed: failed + unexplained, skipped }
}

/**
 * The files whose tests are run once more, on a platform of their own: where real kernels, processes and a browser take part and a
 * machine was too slow once, a landing should not hang on it. Nothing is tried twice that depends on nothing outside.
 *
 * @param {Report | undefined} report
 * @returns {ReadonlyArray<string>}
 */
export function stumbled(report) {
  if (!report || report.errors > 0) return []
  const failed = report.files.filter((file) => file.failed > 0).map(({ path }) => path)
  const isOfTheWorld = (/** @type {string} */ path) => path.startsWith("e2e/") || path.includes(".live.test.")
  return failed.length <= STUMBLES && failed.every(isOfTheWorld) ? failed : []
}

/**
 * @param {Report} first
 * @param {Report} second of the files that stumbled
 * @returns {Report} what counts: of each file how it ended last
 */
export function afterSecondTry(first, second) {
  const again = new Set(second.files.map(({ path }) => path))
  return { errors: first.errors + second.errors, files: [...first.files.filter(({ path }) => !again.has(path)), ...second.files] }
}
