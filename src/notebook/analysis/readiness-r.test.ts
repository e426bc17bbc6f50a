/** What is found in R notebooks. */
import { describe, expect, test } from "vitest"
import { type Circumstances, openAnalyst } from "#notebook/analysis/analysis.ts"
import { type Given, python } from "#notebook/analysis/testing.ts"
import { fixed } from "#notebook/index.ts"

async function found(cells: readonly Given[], circumstances: Circumstances = {}) {
  const notebook = python(...cells)
  const { findings } = (await openAnalyst("r")).readiness({ ...notebook, metadata: { language_info: { name: "R" } } }, circumstances)
  return findings.filter(({ rule }) => rule !== "no_parameters" && rule !== "dead_cell")
}

/** "rule cell:line", with "!" for what breaks a rerun. */
async function rules(cells: readonly Given[], circumstances?: Circumstances): Promise<string> {
  return (await found(cells, circumstances)).map(({ rule, cell, line, kind }) => `${rule} ${cell}:${line}${kind === "breaks" ? "!" : ""}`).join(", ")
}

describe("source that is not R", () => {
  test.each<readonly [what: string, expected: string, source: string]>([
    ["two words", "broken_source c1:2!", "x <- 1\nprint x"],
    ["Python's print", "broken_source c1:1!", "print 'a'"],
    ["a bracket that is not closed", "broken_source c1:2!", "f <- function(x) {\n  x"],
    ["one too many", "broken_source c1:1!", "mean(c(1, 2)))"],
    ["a text that is not closed", "broken_source c1:1!", "x <- 'abc"],
    ["a backslash that means nothing", "broken_source c1:1!", 'd <- read.csv("C:\\data\\a.csv")'],
    ["nothing to assign", "broken_source c1:1!", "x <-"],
    ["a pipe at the beginning of a line", "broken_source c1:2!", "mtcars\n%>% head()"],
    ["else on a line of its own, where nothing is open", "broken_source c1:2!", "if (TRUE) 1\nelse 2"],
    ["but in a block", "", "f <- function(a) {\n  if (a) 1\n  else 2\n}\nf(1)"],
    ["a comma between statements", "broken_source c1:1!", "1, 2"],
    ["arguments without a comma", "broken_source c1:1!", "paste('a' 'b')"],
    ["arguments that are left out", "", "m <- matrix(1:4, 2)\nm[, 1]\nswitch('a', a = , b = 1)"],
    ["indexes of indexes, and signs before signs", "", "l <- list(1)\nl[[1]][1]\n!-1\n2 ** 3\n-2:2"],
    ["pipes, lambdas, raw texts, names in backticks", "", 'x <- c(1) |> sapply(\\(v) v + 1)\n`if`(TRUE, x, r"(a\\b)")'],
    ["formulas and help", "", "y ~ .\n~ x\n?mean\nx <- y ~ a + b | c"],
    ["magics of another kernel", "", "%%bash\nls -l | wc"],
  ])("%s", async (_, expected, source) => expect(await rules([source])).toBe(expected))

  test("Python is not what mends it, and other cells are not blamed for names that it may define", async () => {
    const all = await found(["print x\ny <- 1", "y + 1"])
    expect(all.map(({ rule, fix }) => [rule, fix])).toEqual([["broken_source", undefined]])
  })
})

describe("packages", () => {
  const modules = new Set(["base", "stats", "data.table"])
  test.each<readonly [what: string, expected: string, ...cells: string[]]>([
    ["that are there", "", "library(stats)\nlibrary('data.table')\nstats::sd(c(1, 2))"],
    ["that are not", "missing_import c1:1!", "library(dplyr)"],
    ["each once", "missing_import c1:1!", "library(dplyr)", "dplyr::filter(mtcars)"],
    ["by name", "missing_import c1:1!", "library(package = dplyr)"],
    ["among what is said quietly", "missing_import c1:1!", "suppressPackageStartupMessages(library(dplyr))"],
    ["where something of it is used", "missing_import c1:1!", "d <- dplyr::as_tibble(mtcars)"],
    ["in a function that may never run", "missing_import c1:1", "f <- function(x) dplyr::as_tibble(x)"],
    ["on a condition", "missing_import c1:1", "if (interactive()) library(dplyr)"],
    ["required: told, and gone on without", "missing_import c1:1", "require(dplyr)"],
    ["it asks", "", "if (require(dplyr)) 1\nok <- requireNamespace('dplyr')"],
    ["its absence is provided for", "", "tryCatch(library(dplyr), error = function(e) NULL)\ntry(dplyr::filter(mtcars))"],
    ["the name is in a variable", "", "p <- 'dplyr'\nlibrary(p, character.only = TRUE)"],
    ["it installs", "missing_import c2:1", "install.packages('dplyr')", "library(dplyr)"],
  ])("%s", async (_, expected, ...cells) => {
    expect(await rules(cells, { modules })).toBe(expected)
    expect(await rules(cells)).toBe("")
  })
})

describe("chance", () => {
  test.each<readonly [what: string, expected: string, ...cells: string[]]>([
    ["without a seed, once", "no_seed c2:1", "x <- 1", "y <- rnorm(10) + x", "z <- sample(y)"],
    ["of a package's function", "no_seed c1:1", "stats::runif(3)"],
    ["with one, wherever", "", "set.seed(1)", "rnorm(10)"],
    ["what is read may set one", "", "source('setup.R')", "rnorm(10)"],
    ["a function of the notebook", "", "sample <- function(x) x[1]", "sample(1:3)"],
  ])("%s", async (_, expected, ...cells) => expect(await rules(cells)).toBe(expected))

  test("the seed is set before the first draw", async () => {
    const cells = ["x <- 1", "rnorm(10) + x"]
    const [finding] = await found(cells)
    expect(finding?.fix).toMatchObject({ title: "Add `set.seed(0)`", isSafe: true })
    const after = fixed(python(...cells), finding?.fix?.edits ?? [])
    expect(after.cells.map(({ source }) => source)).toEqual(["x <- 1", "set.seed(0)", "rnorm(10) + x"])
  })
})

const shown = { output_type: "display_data", data: { "text/plain": "[1] 1" }, metadata: {} }
const out = (source: string, ...outputs: object[]) => ({ source, count: 1, outputs })

test.each<readonly [what: string, expected: string, cell: Given]>([
  ["no code", "foreign_output c1:1", out("# nothing", shown)],
  ["only what is written out is assigned", "foreign_output c1:1", out("x <- 1\ny <- 'a'", shown)],
  ["only functions", "foreign_output c1:1", out("f <- function(x) print(x)", shown)],
  ["of another execution", "foreign_output c1:1", out("1", { ...shown, output_type: "execute_result", execution_count: 3 })],
  ["arithmetic may warn", "", out("x <- 1:3 + 1:2", { output_type: "stream", name: "stderr", text: "Warning" })],
  ["a call may show anything", "", out("x <- print(1)", shown)],
  ["a value", "", out("x <- 1\nx", shown)],
  ["in parentheses", "", out("(x <- 1)", shown)],
])("outputs that the cell did not make: %s", async (_, expected, cell) => expect(await rules([cell])).toBe(expected))

test.each<readonly [what: string, expected: string, source: string]>([
  ["read", "absolute_path c1:1", "d <- read.csv('/home/ann/data.csv')"],
  ["gone to", "absolute_path c1:1", "setwd('/home/ann/work')"],
  ["of Windows", "absolute_path c1:1", 'd <- readRDS("C:\\\\Users\\\\ann\\\\a.rds")'],
  ["of Windows, raw", "absolute_path c1:1", 'd <- readRDS(r"(C:\\Users\\ann\\a.rds)")'],
  ["beside the notebook", "", "d <- read.csv('data/a.csv')"],
])("paths of one machine: %s", async (_, expected, source) => expect(await rules([source])).toBe(expected))

describe("files", () => {
  const hasFile = (path: string) => (path.startsWith("/") ? undefined : path === "here.csv")
  test.each<readonly [what: string, expected: string, ...cells: string[]]>([
    ["that are there", "", "read.csv('here.csv')"],
    ["that are not", "missing_file c1:1!", "read.csv('gone.csv')"],
    ["by name, of a package", "missing_file c1:1!", "d <- readr::read_csv(show_col_types = FALSE, file = 'gone.csv')"],
    [
      "an address, a text, a machine's",
      "absolute_path c1:3",
      "read.csv('https://example.com/a.csv')\nread.csv(text = 'a,b')\nreadRDS('/data/a.rds')",
    ],
    ["written before", "", "write.csv(mtcars, 'gone.csv')", "read.csv('gone.csv')"],
    ["written somewhere", "", "saveRDS(mtcars, paste0('go', 'ne.rds'))", "readRDS('gone.rds')"],
    ["brought", "", "download.file('https://example.com/a.zip', 'a.zip')\nunzip('a.zip')", "read.csv('gone.csv')"],
    ["in another folder", "", "setwd('data')", "read.csv('gone.csv')"],
    ["it asks", "", "if (file.exists('gone.csv')) read.csv('gone.csv')"],
    ["its absence is provided for", "", "tryCatch(read.csv('gone.csv'), error = function(e) NULL)"],
    ["in a function", "", "f <- function() read.csv('gone.csv')"],
    ["what is printed writes nothing", "missing_file c1:2!", "cat(1 + 1)\nread.csv('gone.csv')"],
  ])("%s", async (_, expected, ...cells) => expect(await rules(cells, { hasFile })).toBe(expected))
})
