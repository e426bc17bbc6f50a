/**
 * How many tests passed and failed, from vitest's JSON report. What fails without failing a test (a file that cannot be
 * read, an error nobody caught, a run with no test in it) counts as one failure: such a run must never look whole.
 *
 * @param {string} text the report; "" when there is none
 * @param {number} code vitest's exit code
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function tally(text, code) {
  if (text === "") return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(text)
  const passed = report.numPassedTests
  const broken = report.testResults.filter(isBroken).length
  const failed = report.numFailedTests + broken
  const unexplained = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0
  return { passed, failed: failed + unexplained, skipped: report.numPendingTests + report.numTodoTests }
}

/** @param {{ status: string, assertionResults: ReadonlyArray<{ status: string }> }} file */
function isBroken({ status, assertionResults }) {
  return status === "failed" && !assertionResults.some((test) => test.status === "failed")
}
