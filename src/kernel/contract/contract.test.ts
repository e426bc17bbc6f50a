import {
  asks,
  commMsg,
  commOpen,
  dies,
  display,
  error,
  hangs,
  result,
  type Script,
  scriptedKernels,
  stderr,
  stdout,
  update,
  waits,
} from "#kernel/adapters/scripted.ts"
import type { Manners } from "#kernel/contract/manners.ts"
import { kernelContract } from "#kernel/contract/testing.ts"

const SCRIPT: Script = ({ code, memory }) => {
  const [verb = "", ...words] = code.split(" ")
  switch (verb) {
    case "hello":
      return stdout("hello\n")
    case "oh":
      return stderr("oh")
    case "42":
      return result("42")
    case "raise":
      return error("Refusal", "nope")
    case "pause":
      return waits(20)
    case "remember":
      memory.set("x", 7)
      return []
    case "recall":
      return stdout(`[${memory.get("x")}]`)
    case "print":
      return stdout(words.join(" "))
    case "million":
      return stdout("x".repeat(1_000_000))
    case "loop":
      return [stdout("looping"), hangs()]
    case "die":
      return dies()
    case "ask":
      return asks("name? ", (name) => [stdout(`hello ${name}`)])
    case "display":
      return display({ "text/html": "<b>x</b>" })
    case "large":
      return display({ "text/html": "x".repeat(2_000_000) })
    case "update":
      return [display({ "text/html": "one" }, "d"), update("d", { "text/html": "two" })]
    case "comm":
      return commOpen("c", "echo", { a: 1 }, { buffers: [new Uint8Array([0, 1, 255])] })
    default:
      throw new Error(`the script has no word for ${code}`)
  }
}

const MANNERS_OF_SCRIPT: Manners = {
  language: "script",
  results: "execute_result",
  stderr: "stderr",
  queued: "aborted",
  mayRaise: "run",
  trailsMs: 0,
  uninvited: "refused",
  interrupted: "raises",
  death: { told: "died", withinMs: 1000 },
  conditional: true,
  keeps: true,
  code: {
    stdout: "hello",
    stderr: "oh",
    result: "42",
    raise: "raise",
    pause: "pause",
    remember: "remember",
    recall: "recall",
    print: (text) => `print ${text}`,
    million: "million",
    loop: "loop",
    die: "die",
    ask: "ask",
    display: "display",
    displayLarge: "large",
    update: "update",
    comm: "comm",
  },
}

const answers = {
  comm_msg: ({ content, buffers }: { content: { readonly [key: string]: unknown }; buffers: readonly Uint8Array[] }) =>
    commMsg("c", content["data"] as { b: number }, { buffers }),
}

kernelContract(
  "scripted",
  async () => ({ kernels: scriptedKernels(SCRIPT, { features: ["conditional execute"], answers }), kernelName: "script" }),
  MANNERS_OF_SCRIPT,
)
kernelContract(
  "scripted, in no natural order and without aborting",
  async () => ({ kernels: scriptedKernels(SCRIPT, { aborts: false, seed: 7, answers }), kernelName: "script" }),
  { ...MANNERS_OF_SCRIPT, queued: "run", conditional: false },
)
