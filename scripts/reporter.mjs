// A reporter for vitest that says, file by file, how the tests ended: what `npm test` counts, and what it tries a second time.
import { writeFileSync } from "node:fs"

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter by its default export
export default class Reporter {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} errors that no test caught
   */
  onTestRunEnd(modules, errors) {
    const files = modules.map((module) => {
      const states = [...module.children.allTests()].map((test) => test.result().state)
      const count = (/** @type {string} */ state) => states.filter((each) => each === state).length
      const failed = count("failed")
      // What fails without failing a test: a file that cannot be read, a hook that threw.
      const broken = module.state() === "failed" && failed === 0
      return {
        path: module.relativeModuleId,
        passed: count("passed"),
        failed: failed + (broken ? 1 : 0),
        skipped: count("skipped") + count("pending"),
      }
    })
    writeFileSync(process.env.STET_TEST_REPORT ?? "", JSON.stringify({ errors: errors.length, files }))
  }
}
