// A reporter for vitest that names the journeys which passed only at their second try, so that nobody takes them for sound.

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter by its default export
export default class SecondTry {
  /** @type {string[]} */
  #names = []

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`)
  }

  onTestRunEnd() {
    for (const name of this.#names) process.stdout.write(`passed at the second try: ${name}\n`)
  }
}
