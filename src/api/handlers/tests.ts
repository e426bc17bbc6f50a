/** Test cases, and their runs. */
import type { z } from "zod"
import type { TEST_ROUTES, TestCase, TestRun } from "#api/contract/test-routes.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import type { JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { provesNothing, weaknesses } from "#case/index.ts"
import { listTestCases, putTestCase, putTestFile, removeTestCase, type TestCase as TestCaseRow, testFileOf } from "#library/index.ts"
import { answerTests, getTesting, listTestRuns, lookAtTestRun, setTesting, type TestRunView, testCoverage, testVersion } from "#template/index.ts"

export const TESTS: Handlers<keyof typeof TEST_ROUTES> = {
  listTests: async ({ api, actor, params }) => list(await listTestCases(api.world.library, actor, params.notebook)),
  putTest: async ({ api, actor, params, body }) =>
    passed(
      await putTestCase(api.world.library, actor, {
        ...params,
        parameters: body.parameters as JsonObject,
        expects: body.expects as TestCaseRow["expects"],
        mocks: body.mocks,
      }),
      (row) => ({ kind: "json", status: 200, value: testOf(row) }),
    ),
  removeTest: async ({ api, actor, params }) => nothing(await removeTestCase(api.world.library, actor, params)),
  getTestFile: async ({ api, actor, params }) =>
    passed(await testFileOf(api.world.library, actor, params.notebook), (text) => ({ kind: "json", status: 200, value: { text } })),
  putTestFile: async ({ api, actor, params, body }) => {
    const put = await putTestFile(api.world.library, actor, { ...params, ...body })
    return put.ok ? list(accepted(put.value.cases)) : put
  },
  testVersion: async ({ api, actor, params, body }) =>
    passed(await testVersion(worldOf(api), actor, { ...params, ...body }), (view) => ({
      kind: "json",
      status: 201,
      value: testRunOf(view),
      headers: { location: `/api/v1/test-runs/${view.id}` },
    })),
  listTestRuns: async ({ api, actor, params, query: { cursor, ...query } }) =>
    passed(await listTestRuns(worldOf(api), actor, { ...params, ...query, before: cursor }), (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(testRunOf), next: rows.length === query.limit ? (rows.at(-1)?.id ?? null) : null },
    })),
  getTestRun: async ({ api, actor, params }) =>
    passed(await lookAtTestRun(worldOf(api), actor, params.testRun), (view) => ({ kind: "json", status: 200, value: testRunOf(view) })),
  answerTestRun: async ({ api, actor, params, body }) =>
    passed(await answerTests(worldOf(api), actor, { ...params, ...body }), (view) => ({ kind: "json", status: 200, value: testRunOf(view) })),
  getTestCoverage: async ({ api, actor, params }) =>
    passed(await testCoverage(worldOf(api), actor, params.testRun), ({ cells, ...rest }) => ({
      kind: "json",
      status: 200,
      value: { ...rest, cells: cells.map((cell) => ({ ...cell, tags: [...cell.tags] })) },
    })),
  getTesting: async ({ api, actor, params }) =>
    passed(await getTesting(worldOf(api), actor, params.notebook), (value) => ({ kind: "json", status: 200, value })),
  setTesting: async ({ api, actor, params, body }) =>
    passed(await setTesting(worldOf(api), actor, { ...params, ...body }), (value) => ({ kind: "json", status: 200, value })),
}

function list(found: Outcome<readonly TestCaseRow[], AnyRefusal>) {
  return found.ok ? accepted({ kind: "json" as const, status: 200 as const, value: { items: found.value.map(testOf), next: null } }) : found
}

function testOf(row: TestCaseRow): z.output<typeof TestCase> {
  return {
    ...row,
    parameters: { ...row.parameters },
    mocks: row.mocks.map((mock) => ({ ...mock })),
    updatedAt: toIso(row.updatedAt),
    provesNothing: provesNothing(row.expects),
    weaknesses: weaknesses(row),
  }
}

function testRunOf({ space: _, codeHidden: __, environmentAsked: ___, ...view }: TestRunView): z.output<typeof TestRun> {
  const cases = view.cases.map(({ name, parameters, expects, mocks, verdict, said, run, environment, startedAt, endedAt }) => ({
    name,
    parameters,
    mocks: mocks.map(({ cell }) => cell),
    weaknesses: weaknesses({ expects, mocks }),
    verdict,
    said,
    run,
    environment,
    startedAt: isoOrNull(startedAt),
    endedAt: isoOrNull(endedAt),
  }))
  const waitsFor = view.waitsFor?.map((one) => ({ ...one, what: [...one.what] })) ?? null
  return { ...view, waitsFor, createdAt: toIso(view.createdAt), cases }
}
