import { expect, test } from "vitest"
import { logTo, redacted } from "#api/log.ts"

const CANARY = "c4n4ry"

test.each([
  { message: `Bearer ${CANARY}` },
  { headers: { Authorization: `Bearer ${CANARY}`, cookie: `__Host-stet=${CANARY}` } },
  { message: `cookie: stet-7838=${CANARY}; a=b` },
  { url: `/sign-in?link=stetlink_01ARZ3NDEKTSV4RRFFQ69G5FAV_${CANARY}&next=/` },
  { message: `stet_01ARZ3NDEKTSV4RRFFQ69G5FAV_${CANARY}` },
  { referer: `https://stet.example/callback?code=${CANARY}&state=${CANARY}` },
  { message: `postgresql://stet:${CANARY}@db.example/stet is away` },
  { body: { password: CANARY, login: "ada" } },
  { message: `{"password":"${CANARY}"}` },
  { message: `password=${CANARY}` },
  { error: new Error(`could not reach s3://key:${CANARY}@host`) },
  { error: new Error("outer", { cause: new Error(`client_secret: ${CANARY}`) }) },
  { list: [{ deep: { token: CANARY } }] },
])("a secret does not reach the log: %j", (record) => {
  expect(JSON.stringify(redacted(record))).not.toContain(CANARY)
})

test("what is no secret is still there, with its time", () => {
  const lines: string[] = []
  logTo(
    (line) => lines.push(line),
    () => 0,
  )({ level: "info", message: "answered", path: "/api/v1/runs", status: 200 })
  expect(lines).toEqual(['{"at":"1970-01-01T00:00:00.000Z","level":"info","message":"answered","path":"/api/v1/runs","status":200}\n'])
})
