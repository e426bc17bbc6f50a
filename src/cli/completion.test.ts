import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Command, HELP } from "#cli/arguments.ts"
import { completion, type Shell } from "#cli/completion.ts"

const COMMANDS: readonly Command[] = [
  {
    name: "stet run",
    summary: "Run a notebook: it's the main thing",
    positionals: [
      { name: "NOTEBOOK", help: "" },
      { name: "OUTPUT", optional: true, help: "" },
    ],
    flags: [
      { name: "--param", short: "-p", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter [typed]: it's strict" },
      { name: "--file", short: "-f", takes: ["PATH"], repeat: true, help: "From a file" },
      { name: "--kernel", short: "-k", takes: ["NAME"], candidates: "echo python3; echo ir", help: "The kernel" },
      { name: "--level", takes: ["LEVEL"], choices: ["LOW", "HIGH"], help: "How loud" },
      { name: "--cwd", takes: ["DIRECTORY"], help: "Where" },
      { name: "--progress-bar", opposite: "--no-progress-bar", takes: [], help: "A bar" },
      HELP,
    ],
  },
  { name: "stet kernels", summary: "List the kernels", positionals: [], flags: [HELP] },
]

let dir = ""
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "stet-completion-"))
  mkdirSync(join(dir, "folder"))
  for (const name of ["a.ipynb", "a b.ipynb", "p.yaml"]) writeFileSync(join(dir, name), "")
  for (const shell of ["bash", "zsh", "fish"] as const) writeFileSync(join(dir, `_stet.${shell}`), completion(shell, COMMANDS))
})
afterAll(() => rmSync(dir, { recursive: true }))

const has = (shell: Shell) => spawnSync(shell, ["-c", "true"]).status === 0

/** What each shell itself offers for the last word of a line. */
const ASK: Record<Shell, (line: string) => readonly string[]> = {
  bash: (line) => {
    // As readline hands it over: words broken at spaces and at "=".
    const words = line.split(" ").flatMap((word) => (/^--[^=]+=/.test(word) ? word.split(/(=)/) : [word]))
    const script = `source ./_stet.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stet_complete; printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(
      execFileSync("bash", ["--norc", "-c", script, "bash", ...words.filter((word, index) => word !== "" || index === words.length - 1)], {
        cwd: dir,
      }),
    )
  },
  fish: (line) => lines(execFileSync("fish", ["--no-config", "-c", `source ./_stet.fish; complete -C ${JSON.stringify(line)}`], { cwd: dir })),
  zsh: (line) => {
    // compadd is what every completion ends in: it is watched in a terminal of zsh's own (zpty), and DONE tells when it is over.
    const script = `
      zmodload zsh/zpty
      zpty shell 'zsh -f -i'
      zpty -w shell 'PROMPT=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit && compinit -u -d ./.zcompdump; source ./_stet.zsh
        compadd () { if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
          typeset -a __hits; builtin compadd -A __hits "$@"; builtin compadd "$@"; local s=$?; for x in $__hits; print -r -- "HIT:$x"; return $s }
        watched () { zle complete-word; print -r -- "DO""NE" }; zle -N watched; bindkey "^I" watched; LISTMAX=0; print "REA""DY"'
      zpty -r shell output '*READY'
      zpty -w -n shell ${JSON.stringify(line)}$'\\t'
      zpty -r shell output '*DONE'
      print -r -- $output
      zpty -d shell`
    const said = execFileSync("zsh", ["-f", "-c", script], { cwd: dir, encoding: "utf8", timeout: 20_000 })
    return [...new Set([...said.matchAll(/HIT:([^\r\n]+)/g)].map((match) => match[1]!.trim()))]
  },
}

function lines(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split("\n")
    .map((line) => line.split("\t")[0]!)
    .filter((line) => line !== "")
}

describe.each(["bash", "fish", "zsh"] as const)("%s", (shell) => {
  const offered = (line: string) => [...ASK[shell](line)].sort()

  test.skipIf(!has(shell)).each([
    ["stet ", ["kernels", "run"]],
    ["stet r", ["run"]],
    ["stet run --l", ["--level"]],
    ["stet run --no", ["--no-progress-bar"]],
    ["stet run --level ", ["HIGH", "LOW"]],
    ["stet run --kernel p", ["python3"]],
    ["stet run -k ", ["ir", "python3"]],
    ["stet kernels --h", ["--help"]],
  ])("after %j it offers %j", (line, expected) => {
    expect(offered(line)).toEqual(expected)
  })

  test.skipIf(!has(shell))("files where a file goes, directories where a directory goes", () => {
    expect(offered("stet run ").join(" ")).toMatch(/a\.ipynb/)
    expect(offered("stet run a.ipynb --file p")).toEqual(["p.yaml"])
    expect(offered("stet run --cwd ").map((name) => name.replace(/\/$/, ""))).toEqual(["folder"])
  })
})

describe.skipIf(!has("bash"))("bash alone", () => {
  const offered = ASK.bash

  test("the second value of a flag is not taken for a notebook, nor a value for a flag", () => {
    expect(offered("stet run -p ")).toEqual([])
    expect(offered("stet run -p a ")).toEqual([])
    expect(offered("stet run -p a -")).toEqual([])
    expect(offered("stet run -p a 1 --le")).toEqual(["--level"])
    expect(offered("stet run --level=")).toEqual(["LOW", "HIGH"])
    expect(offered("stet run --level=H")).toEqual(["HIGH"])
    expect(offered("stet run --param=a 1 --le")).toEqual(["--level"])
    expect(offered("stet run a b c")).toEqual([])
    expect(offered("stet run -- --l")).toEqual([])
  })

  test("a file name with a space stays one name", () => {
    expect([...offered("stet run a")].sort()).toEqual(["a b.ipynb", "a.ipynb"])
  })

  test("loading the script runs nothing and is silent", () => {
    const traced = spawnSync("bash", ["--norc", "-c", "set -eu; stet() { echo RAN; }; source ./_stet.bash; complete -p stet"], {
      cwd: dir,
      encoding: "utf8",
    })
    expect([traced.status, traced.stderr, traced.stdout.trim()]).toEqual([0, "", "complete -F _stet_complete stet"])
  })
})
