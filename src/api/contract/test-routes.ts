/** Routes of test cases and of their runs. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Cursor, limit, line, listOf, NotebookRef, PersonLink, PlainJson, prose, Sha256, Time, Ulid } from "#api/contract/shapes.ts"
import { TemplateName } from "#api/contract/templates.ts"

const CellRef = z.string().min(1).max(100).meta({ description: "a cell's id, or one of its tags" })
const Name = line(200)
const Count = z.int().min(0)

const Check = z.discriminatedUnion("check", [
  z.strictObject({ check: z.literal("output_contains"), cell: CellRef, text: prose(10_000) }),
  z.strictObject({ check: z.literal("output_equals"), cell: CellRef, text: prose(10_000) }),
  z.strictObject({ check: z.literal("output_matches"), cell: CellRef, pattern: prose(1000) }),
  z.strictObject({ check: z.literal("result_exists"), name: Name }),
  z.strictObject({ check: z.literal("result_equals"), name: Name, value: PlainJson }),
  z.strictObject({ check: z.literal("result_between"), name: Name, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ check: z.literal("table_rows"), cell: CellRef, equals: Count.optional(), min: Count.optional(), max: Count.optional() }),
  z.strictObject({ check: z.literal("table_columns"), cell: CellRef, columns: z.array(Name).max(1000) }),
  z.strictObject({
    check: z.literal("table_value"),
    cell: CellRef,
    row: z.int().optional().meta({ description: "from 1; -1 is the last" }),
    where: z.record(z.string(), PlainJson).optional().meta({ description: "the row in which these columns have these values" }),
    column: Name,
    value: PlainJson,
  }),
  z.strictObject({ check: z.literal("table_no_nulls"), cell: CellRef, column: Name }),
  z.strictObject({ check: z.literal("snapshot"), cell: CellRef.optional() }),
  z.strictObject({
    check: z.literal("expression"),
    expression: prose(10_000).meta({ description: "in the notebook's language, evaluated behind its last cell" }),
    equals: PlainJson.optional().meta({ description: "what it comes to, as JSON: Python and R" }),
    shows: prose(10_000).optional().meta({ description: "what the kernel shows for it" }),
  }),
])

const Expects = z
  .strictObject({
    outcome: z.enum(["succeeds", "fails"]).default("succeeds"),
    ename: line(200).optional().meta({ description: "the name of the error with which it fails" }),
    message: prose(2000).optional().meta({ description: "a part of what the error says" }),
    checks: z.array(Check).max(50).default([]),
  })
  .meta({ id: "Expects", description: "what must come of a test run; named results are those of scrapbook and papermill" })

const Mock = z
  .strictObject({ cell: CellRef, source: prose(100_000) })
  .meta({ id: "Mock", description: "another source for one cell, while the test runs" })

export const TestCase = z
  .object({
    id: Ulid,
    notebook: Ulid,
    name: z.string(),
    parameters: z.record(z.string(), PlainJson),
    expects: PlainJson,
    mocks: z.array(z.object({ cell: z.string(), source: z.string() })),
    updatedAt: Time,
    provesNothing: z.boolean().meta({ description: "any failure at all passes it: say which one is meant" }),
    weaknesses: z.array(z.string()).meta({ description: "a sentence for each part of it that cannot fail" }),
  })
  .meta({ id: "TestCase" })

const Verdict = z.enum(["pending", "passed", "failed", "left"]).meta({ description: "left: it never runs, because its test run was left" })

export const TestRun = z
  .object({
    id: Ulid,
    notebook: Ulid,
    version: z.int(),
    because: z.enum(["asked", "version", "environment"]).meta({
      description: "somebody asked for it, there was a new version, or the environment had become another one",
    }),
    template: Ulid.nullable().meta({ description: "for whose sake, in its environment" }),
    environment: Sha256.nullable().meta({ description: "what the environment had become, where it was tested because of that" }),
    askedBy: PersonLink,
    createdAt: Time,
    state: z.enum(["waiting", "pending", "passed", "failed", "left"]).meta({
      description: "waiting: nobody asked for it, and it would change something outside to which nobody has said yes; left: it never runs",
    }),
    waitsFor: z
      .array(z.object({ cell: z.string(), number: z.int().meta({ description: "from 1, among all cells" }), what: z.array(z.string()) }))
      .nullable()
      .meta({ description: "the cells that change something outside, as they were listed when it began to wait; null: it never waited" }),
    answer: z.enum(["yes", "left"]).nullable(),
    answeredBy: PersonLink.nullable().meta({ description: "null with an answer: a newer test run took its place" }),
    cases: z.array(
      z.object({
        name: z.string(),
        parameters: PlainJson,
        mocks: z.array(z.string()).meta({ description: "cells that gave way to others" }),
        weaknesses: z.array(z.string()).meta({ description: "a sentence for each part of it that cannot fail" }),
        verdict: Verdict,
        said: z.string(),
        run: Ulid.nullable(),
        environment: Sha256.nullable().meta({ description: "in which its run went" }),
        startedAt: Time.nullable(),
        endedAt: Time.nullable(),
      }),
    ),
  })
  .meta({ id: "TestRun" })

const TestCoverage = z
  .object({
    covered: z.int(),
    total: z.int().meta({ description: "cells that could run" }),
    known: z.int().meta({ description: "test cases whose run has begun and is still known; the others count for no cell" }),
    of: z.int().meta({ description: "test cases" }),
    cells: z.array(
      z.object({
        id: z.string(),
        number: z.int().meta({ description: "from 1, among all cells" }),
        tags: z.array(z.string()),
        line: z.string().meta({ description: "its first line that says something" }),
        cases: z.int().meta({ description: "in how many test cases it ran as it is" }),
        mocked: z.int().meta({ description: "in how many it was replaced" }),
      }),
    ),
  })
  .meta({ id: "TestCoverage" })

const Testing = z.object({
  versions: z.boolean().nullable().meta({ description: "whether every new version is tested; null: when a template stands for one of its versions" }),
  isOn: z.boolean().meta({ description: "what that comes to now" }),
})

const tag = "Tests"
const notebook = z.strictObject({ notebook: NotebookRef })
const one = notebook.extend({ name: line(100) })
const File = z.object({ text: z.string().max(4_000_000).meta({ description: "YAML, as it stands beside the notebook: see docs/tests.md" }) })

export const TEST_ROUTES = {
  listTests: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/tests",
    tag,
    summary: "The test cases of a notebook; they tell of its code, so they are shown to those who may see that",
    auth: "read",
    params: notebook,
    answers: { 200: { what: "By name", content: json(listOf(TestCase)) } },
  }),
  putTest: route({
    method: "PUT",
    path: "/api/v1/notebooks/{notebook}/tests/{name}",
    tag,
    summary: "Make a test case, or put another in its place",
    auth: "edit",
    params: one,
    body: json(
      z.strictObject({ parameters: z.record(z.string(), PlainJson).default({}), expects: Expects, mocks: z.array(Mock).max(50).default([]) }),
    ),
    answers: { 200: { what: "As it is now", content: json(TestCase) } },
    repeatable: true,
  }),
  removeTest: route({
    method: "DELETE",
    path: "/api/v1/notebooks/{notebook}/tests/{name}",
    tag,
    summary: "Remove a test case",
    auth: "edit",
    params: one,
    answers: { 204: { what: "It is gone", content: EMPTY } },
  }),
  getTestFile: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/test-file",
    tag,
    summary: "All test cases as the file that stands beside the notebook",
    auth: "read",
    params: notebook,
    answers: { 200: { what: "As it was put while it says what is so, else as it would be written; empty when there are none", content: json(File) } },
  }),
  putTestFile: route({
    method: "PUT",
    path: "/api/v1/notebooks/{notebook}/test-file",
    tag,
    summary: "Put a file of test cases in place of all there are; everything that is wrong with it is told, with its line",
    auth: "edit",
    params: notebook,
    body: json(File.strict()),
    answers: { 200: { what: "The test cases now", content: json(listOf(TestCase)) } },
    problems: [422],
    repeatable: true,
  }),
  testVersion: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/test-runs",
    tag,
    summary:
      "Run the test cases of a notebook on one of its versions, the newest unless another is named; or those of a template, where it was proven",
    auth: "edit",
    params: notebook,
    body: json(
      z
        .strictObject({
          version: z.int().min(1).max(2_147_483_647).optional(),
          mayWrite: z
            .boolean()
            .default(false)
            .meta({ description: "cells that change something outside may do so with each test; else they are listed and nothing runs" }),
          template: TemplateName.optional().meta({
            description:
              "a template of the notebook: what its name stands for is tested, with the test cases and in the environment that it was approved with",
          }),
        })
        .default({ mayWrite: false }),
    ),
    answers: { 201: { what: "It has begun", content: json(TestRun) } },
    problems: [409],
  }),
  listTestRuns: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/test-runs",
    tag,
    summary: "What came of the test cases, also of each new version where that is wanted",
    auth: "read",
    params: notebook,
    query: z.strictObject({
      version: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
      limit: limit(100, 20),
      cursor: Cursor.optional(),
    }),
    answers: { 200: { what: "Newest first", content: json(listOf(TestRun)) } },
  }),
  getTestRun: route({
    method: "GET",
    path: "/api/v1/test-runs/{testRun}",
    tag,
    summary: "How a test run stands",
    auth: "read",
    params: z.strictObject({ testRun: Ulid }),
    answers: { 200: { what: "The test run", content: json(TestRun) } },
  }),
  answerTestRun: route({
    method: "POST",
    path: "/api/v1/test-runs/{testRun}/answer",
    tag,
    summary:
      "Say yes to what a waiting test run changes outside, now and whenever tests that nobody asks for would change exactly this again; or leave it, and it never runs",
    auth: "edit",
    params: z.strictObject({ testRun: Ulid }),
    body: json(z.strictObject({ answer: z.enum(["yes", "leave"]) })),
    answers: { 200: { what: "As it is now", content: json(TestRun) } },
    problems: [409],
  }),
  getTestCoverage: route({
    method: "GET",
    path: "/api/v1/test-runs/{testRun}/coverage",
    tag,
    summary: "Which cells the test cases of a test run reached; it tells of code, so it is shown to those who may see that",
    auth: "read",
    params: z.strictObject({ testRun: Ulid }),
    answers: { 200: { what: "Cell by cell", content: json(TestCoverage) } },
  }),
  getTesting: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/testing",
    tag,
    summary: "Whether every new version of a notebook is tested",
    auth: "read",
    params: notebook,
    answers: { 200: { what: "The setting, and what it comes to", content: json(Testing) } },
  }),
  setTesting: route({
    method: "PUT",
    path: "/api/v1/notebooks/{notebook}/testing",
    tag,
    summary: "Decide whether every new version of a notebook is tested; null: when a template stands for one of its versions",
    auth: "edit",
    params: notebook,
    body: json(z.strictObject({ versions: z.boolean().nullable() })),
    answers: { 200: { what: "As it is now", content: json(Testing) } },
    repeatable: true,
  }),
} as const
