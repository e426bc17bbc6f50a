/** What is called no R is asked of R itself: everything that is called broken is, and of what is broken most is. */
import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
import { R } from "#notebook/analysis/r.ts"

const PARSE = `
lines <- readLines(input <- file("stdin"), warn = FALSE)
close(input)
texts <- strsplit(paste(lines, collapse = "\\n"), "\\001", fixed = TRUE)[[1]]
reads <- function(text) tryCatch({ parse(text = text, keep.source = FALSE); "ok" }, error = function(e) "broken")
cat(vapply(texts, reads, ""), sep = "\\n")
`

/** Each is one cell. */
const CELLS = [
  "x <- c(a = 1, b = 2)\nx[['a']] + x$b",
  "f <- function(x, ..., n = 10L) {\n  if (x > n) {\n    stop('too many')\n  } else if (is.null(x)) NULL\n  else\n    x %% n\n}",
  "for (i in seq_len(3)) {\n  next\n}\nwhile (TRUE) break\nrepeat { break }",
  "mtcars |>\n  subset(cyl > 4, select = -disp) |>\n  (\\(d) d[order(d$mpg), ])()",
  "lm(mpg ~ wt + I(hp^2), data = mtcars[, -1])\n~ x | y",
  "a <<- 5 -> b; `my var` <- !TRUE && -1 %in% 1:3",
  "r'---(it's)---'\n\"a\\\"b\\u00e9\\n\"\n0x1F + 1e-3 + 1i",
  "switch(x, a = , b = 'two', {\n  'else'\n})\nbase::paste0('a', stats:::sd)",
  "m <- matrix(0, 2, 2); m[1, ] <- 1; l <- list(list(1)); l[[1]][[1]]",
  "x@slot$name[[i]](1)(2)\nif (a) b else c\ny = if (a) b\n?help\n??search",
]

/** Every token of every cell once left out, doubled, and with a line end before it. */
function broken(source: string): readonly string[] {
  const tokens = [...source.matchAll(/[\p{L}.][\p{L}\p{N}._]*|\d+|"[^"\n]*"|<<?-|\|>|%[^%]*%|\S/gu)]
  return tokens.flatMap(({ index, 0: token }) => {
    const [before, after] = [source.slice(0, index), source.slice(index + token.length)]
    return [before + after, `${before}${token} ${token}${after}`, `${before}\n${token}${after}`, before]
  })
}

test("of cells that were broken on purpose", async () => {
  const kernels = localKernels()
  const program = (await kernels.list()).find(({ name }) => name === "ir")?.argv[0]
  await kernels.close()
  if (program === undefined) throw new Error("There is no kernel ir.")
  const texts = [...new Set([...CELLS, ...CELLS.flatMap(broken)])].filter((text) => text.trim() !== "")
  const ran = spawnSync(program, ["--no-save", "--no-restore", "--no-echo", "-e", PARSE], { input: texts.join("\u0001"), encoding: "utf8" })
  const truth = ran.stdout.trimEnd().split("\n")
  expect([ran.stderr, truth.length]).toEqual(["", texts.length])
  const said = texts.map((text) => R.read(text).brokenAt.length > 0)
  expect(texts.filter((_, at) => said[at] && truth[at] === "ok")).toEqual([])
  expect(texts.slice(0, CELLS.length).map((_, at) => truth[at])).toEqual(CELLS.map(() => "ok"))
  const [really, right] = [truth.filter((one) => one === "broken").length, truth.filter((one, at) => one === "broken" && said[at]).length]
  expect(really).toBeGreaterThan(500)
  expect(right / really).toBeGreaterThan(0.85)
})
