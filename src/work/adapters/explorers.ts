/** The code that asks a kernel about its variables, by language, in the kernel's own words. */
import { readFileSync } from "node:fs"
import type { Explorer, Explorers } from "#work/session-explore.ts"

export function loadExplorers(): Explorers {
  return new Map([
    ["python", python(textOf("explore.py"))],
    ["r", r(textOf("explore.R"))],
  ])
}

function textOf(name: string): string {
  return readFileSync(new URL(`./explorer/${name}`, import.meta.url), "utf8")
}

/**
 * One expression that leaves no name behind. What it gives is base64 of JSON, because the kernel shows a string as Python
 * would write it.
 */
function python(script: string): Explorer {
  const packed = Buffer.from(script).toString("base64")
  const load = `exec(compile(__import__("base64").b64decode("${packed}"), "<stet>", "exec"), names)`
  return (name) => {
    const asked = name === undefined ? "None" : `__import__("base64").b64decode("${Buffer.from(name).toString("base64")}").decode()`
    const call = `names["answer"](get_ipython().user_ns, get_ipython().user_ns_hidden, ${asked})`
    const json = `__import__("json").dumps(${call})`
    const expression = `(lambda names: (${load}, __import__("base64").b64encode(${json}.encode()).decode())[1])({"__name__": "stet"})`
    return { kind: "expression", expression }
  }
}

const MARK = "stet-explorer:"

/** IRkernel evaluates no expressions beside the code, so what it writes is read between two marks. */
function r(script: string): Explorer {
  return (name) => {
    const asked = name === undefined ? "NULL" : `rawToChar(as.raw(c(${[...Buffer.from(name)].join(",")})))`
    const code = `local({ look <- ${script}\ncat(${JSON.stringify(MARK)}, look({ name <- ${asked}; if (!is.null(name)) Encoding(name) <- "UTF-8"; name }), sep = "") })`
    return { kind: "written", code, mark: MARK }
  }
}
