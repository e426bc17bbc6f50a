import { expect, test } from "vitest"
import type { Message } from "#kernel/ports.ts"
import { learn, readyInfo, toInfo, UNKNOWN } from "#kernel/ready.ts"

const say = (channel: "shell" | "iopub", msg_type: string, content = {}): Message => ({
  channel,
  header: { msg_id: "m", msg_type, session: "s", username: "", date: "", version: "5.3" },
  parentId: "",
  metadata: {},
  content,
  buffers: [],
  frames: [new Uint8Array(), new Uint8Array(), new Uint8Array(), new Uint8Array()],
})
const reply = say("shell", "kernel_info_reply", {
  protocol_version: "5.5",
  implementation: "x",
  language_info: { name: "y" },
  supported_features: ["debugger", "new"],
})
const known = (...messages: Message[]) => readyInfo(messages.reduce(learn, UNKNOWN))

test("a kernel is ready when it has answered and was heard on iopub, in either order", () => {
  expect(known(reply)).toBeUndefined()
  expect(known(say("iopub", "status"))).toBeUndefined()
  expect(known(reply, say("iopub", "status"))).toEqual(known(say("iopub", "status"), reply))
  expect(known(reply, say("iopub", "status"))).toMatchObject({
    protocol: "5.5",
    implementation: "x",
    languageInfo: { name: "y" },
    features: new Set(["debugger"]),
  })
})

test("a welcome counts as heard and is a feature", () => {
  expect(known(reply, say("iopub", "iopub_welcome"))?.features).toEqual(new Set(["debugger", "iopub welcome"]))
})

test("other replies do not make it ready, and odd answers do no harm", () => {
  expect(known(say("shell", "execute_reply"), say("iopub", "status"))).toBeUndefined()
  expect(toInfo({ supported_features: "all", language_info: [1] })).toEqual({
    protocol: "",
    implementation: "",
    languageInfo: {},
    banner: "",
    features: new Set(),
  })
  expect(toInfo({ supported_features: ["stet conditional execute"] }).features).toEqual(new Set(["conditional execute"]))
})
