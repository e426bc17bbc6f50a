import { expect, test } from "vitest"
import { checkPositionals, type Flag, isOn, lastValueOf, type Positional, parseArguments, valuesOf } from "#cli/arguments.ts"

const FLAGS: readonly Flag[] = [
  { name: "--param", short: "-p", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter." },
  { name: "--file", short: "-f", takes: ["PATH"], repeat: true, help: "Parameters from a file." },
  { name: "--kernel", short: "-k", takes: ["NAME"], help: "The kernel." },
  { name: "--start-timeout", aliases: ["--start_timeout"], takes: ["SECONDS"], help: "How long." },
  { name: "--progress-bar", opposite: "--no-progress-bar", takes: [], help: "A bar." },
  { name: "--quiet", short: "-q", takes: [], help: "Say less." },
  { name: "--json", short: "-j", takes: [], help: "Say it for machines." },
  { name: "--server", takes: ["URL"], isMeant: (word) => word.startsWith("http:"), help: "Where." },
  { name: "--level", takes: ["LEVEL"], choices: ["LOW", "HIGH"], help: "How loud." },
]

/** What was understood, as it would be written out in full; or the complaint. */
function read(line: string): string {
  const parsed = parseArguments(FLAGS, line === "" ? [] : line.split(" "))
  if (!parsed.ok) return parsed.refusal.message
  const { given, positionals } = parsed.value
  return [...given.map(({ flag, values, on }) => [on ? flag.name : `not ${flag.name}`, ...values].join(" ")), `[${positionals.join(" ")}]`].join(
    " · ",
  )
}

test.each([
  ["", "[]"],
  ["in.ipynb out.ipynb", "[in.ipynb out.ipynb]"],
  ["in -k python3 out", "--kernel python3 · [in out]"],
  ["-p a 1 -f x.yaml -p b 2", "--param a 1 · --file x.yaml · --param b 2 · []"],
  ["--kernel=python3", "--kernel python3 · []"],
  ["--kernel=a=b", "--kernel a=b · []"],
  ["--kernel= in", "--kernel  · [in]"],
  ["--param=a 1", "--param a 1 · []"],
  ["-kpython3", "--kernel python3 · []"],
  ["-pa 1 in", "--param a 1 · [in]"],
  ["-qj in", "--quiet · --json · [in]"],
  ["-qjk python3 in", "--quiet · --json · --kernel python3 · [in]"],
  ["-qkpython3", "--quiet · --kernel python3 · []"],
  ["-p offset -5", "--param offset -5 · []"],
  ["-k --quiet", "--kernel --quiet · []"],
  ["-p -- -1 in", "--param -- -1 · [in]"],
  ["- -", "[- -]"],
  ["-q -- -k --quiet -", "--quiet · [-k --quiet -]"],
  ["--no-progress-bar --progress-bar", "not --progress-bar · --progress-bar · []"],
  ["--start_timeout 5", "--start-timeout 5 · []"],
  ["--level HIGH", "--level HIGH · []"],
  ["--server in", "--server · [in]"],
  ["in --server", "--server · [in]"],
  ["--server -q in", "--server · --quiet · [in]"],
  ["--server http://x in", "--server http://x · [in]"],
  ["--server=x in", "--server x · [in]"],
])("%j is read as %j", (line, understood) => {
  expect(read(line)).toBe(understood)
})

test.each([
  ["--kernle x", "No such option '--kernle'. Did you mean '--kernel'?"],
  ["--kern=x", "No such option '--kern'. Did you mean '--kernel'?"],
  ["--progres-bar", "No such option '--progres-bar'. Did you mean '--progress-bar'?"],
  ["--zzzzzz", "No such option '--zzzzzz'."],
  ["-x", "No such option '-x'."],
  ["-qx", "No such option '-x'."],
  ["-kernel=x", undefined],
  ["-json", "No such option '-s'."],
  ["-param a 1", undefined],
  ["--kernel", "Option '--kernel' requires an argument: --kernel NAME."],
  ["-p a", "Option '-p' requires 2 arguments: -p NAME VALUE."],
  ["-p a=b", "Option '-p' requires 2 arguments: -p NAME VALUE. Did you mean: -p a VALUE"],
  ["-p a=b -p c 3", "Option '-p' requires 2 arguments: -p NAME VALUE. Did you mean: -p a VALUE"],
  ["--param=a=b=c", "Option '--param' requires 2 arguments: --param NAME VALUE. Did you mean: --param a VALUE"],
  ["--param=a", "Option '--param' requires 2 arguments: --param NAME VALUE."],
  ["--quiet=1", "Option '--quiet' does not take a value."],
  ["--no-progress-bar=1", "Option '--no-progress-bar' does not take a value."],
  ["--level loud", "Invalid value for '--level': 'loud' is not one of 'LOW', 'HIGH'."],
])("%j is answered with %j", (line, said) => {
  if (said === undefined) expect(parseArguments(FLAGS, line.split(" ")).ok).toBe(true)
  else expect(read(line)).toBe(said)
})

test("a flag that is not given is undefined, and the last one of several wins", () => {
  const parsed = parseArguments(FLAGS, "-k a -k b --no-progress-bar -p x 1 -p x 2".split(" "))
  if (!parsed.ok) throw new Error(parsed.refusal.message)
  expect(lastValueOf(parsed.value, "--kernel")).toBe("b")
  expect(lastValueOf(parsed.value, "--level")).toBeUndefined()
  expect(isOn(parsed.value, "--progress-bar")).toBe(false)
  expect(isOn(parsed.value, "--quiet")).toBeUndefined()
  expect(valuesOf(parsed.value, "--param")).toEqual([
    ["x", "1"],
    ["x", "2"],
  ])
})

const NOTEBOOK: Positional = { name: "NOTEBOOK", help: "What to run." }
const OUTPUT: Positional = { name: "OUTPUT", optional: true, help: "Where to." }

test.each([
  [[NOTEBOOK, OUTPUT], ["a"], true],
  [[NOTEBOOK, OUTPUT], ["a", "b"], true],
  [[NOTEBOOK, OUTPUT], [], "Missing argument 'NOTEBOOK'."],
  [[NOTEBOOK, OUTPUT], ["a", "b", "c"], "Got unexpected extra argument (c)."],
  [[NOTEBOOK], ["a", "b", "c"], "Got unexpected extra arguments (b c)."],
  [[{ ...NOTEBOOK, repeat: true }], ["a", "b", "c"], true],
  [[], ["a"], "Got unexpected extra argument (a)."],
])("of %j, %j are given: %j", (expected, positionals, said) => {
  const outcome = checkPositionals(expected, { given: [], positionals })
  expect(outcome.ok || outcome.refusal.message).toBe(said)
})
