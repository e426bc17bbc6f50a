import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { R } from "#notebook/analysis/r.ts"
import { dependencies, wrongInR } from "#notebook/analysis/testing.ts"

describe("what an R cell defines and uses", () => {
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["assignment, each way", "", "a <- 1; b = 2\n3 -> d\n`odd name` <- 4", "a + b + d + `odd name`"],
    ["a name that nobody defines", "y: 2 nowhere", "x <- 1", "x + y"],
    ["a name from below", "x: 1 later", "print(x)", "x <- 1"],
    ["a deleted name", "x: 3 deleted", "x <- 1", "rm(x)", "x"],
    ["functions keep what is theirs", "y: 2 nowhere", "f <- function(a, b = a) { y <- a; y + b }", "f(1) + y"],
    ["short functions", "", "f <- \\(x) x + q", "q <- 1", "f(1)"],
    ["a body runs when it is called", "g: 2 later", "f <- function() g()", "f()", "g <- function() 1"],
    ["assigned outside", "", "f <- function() x <<- 1", "f()", "x"],
    ["assigned by its name", "", "assign('x', 1)", "x"],
    ["for", "", "for (i in 1:3) print(i)", "i"],
    ["members and namespaces are no names", "", "l <- list(a = 1)", "l$a + stats::sd(c(1, 2))"],
    ["columns are looked up elsewhere", "", "d <- data.frame(x = 1)", "subset(d, x > 0)\nwith(d, x)\nlm(x ~ z, d)\nd[x > 1, ]"],
    ["pipes", "", "d <- data.frame(x = 1)", "d |> subset(x > 1) |> head()"],
    ["a package may bring anything", "", "library(dplyr)", "tibble(x = 1)"],
    ["but not one that is always there", "tibble: 2 nowhere", "library(stats)", "tibble(x = 1)"],
    ["source", "", "source('x.R')", "y"],
    ["lines go on", "b: 1 nowhere", "x <- 1 +\n  b\ny <- 2", "y"],
    ["else on a line of its own", "", "f <- function(x) {\n  if (x) 1\n  else 2\n}", "f(TRUE)"],
    ["texts over lines, and raw ones", "", 'x <- "a\n# b\nundefined"', 'r"(undefined " )"', "x # undefined"],
    ["builtins", "", "paste(letters, pi, TRUE, NA_character_)", "mtcars$mpg"],
    ["brackets that do not fit", "", "x <- (1", "x"],
  ])("%s", (_, expected, ...sources) => expect(wrongInR(...sources)).toBe(expected))
})

test.each<readonly [what: string, expected: string, ...sources: string[]]>([
  ["the definition above", "2<1 x", "x <- 1", "x + 1"],
  ["a change in place", "2<1 d, 3<1 d, 3<2 d", "d <- list()", "d$a <- 1", "d"],
  ["names(x) <- …", "2<1 x, 3<1 x, 3<2 x", "x <- 1", "names(x) <- 'a'", "x"],
  ["in a formula", "2<1 y", "y <- 1", "lm(y ~ z)"],
])("who uses what of whom: %s", async (_, expected, ...sources) => expect(await dependencies("r", ...sources)).toBe(expected))

const pieces = fc.constantFrom(
  ...'x y <- = -> <<- function ( ) [ ] { } , ; \n \' " ` # \\ | |> %>% if else for in ~ $ :: 1e-5 r"( )" library( rm( é'.split(" "),
  " ",
  "\n",
)

test("whatever stands in a cell, it is read", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
        fc.string({ unit: "binary" }),
      ),
      (source) => {
        for (const event of R.read(source).events) expect(event.from >= 0 && event.to <= source.length).toBe(true)
      },
    ),
    { numRuns: 3000 },
  )
  for (const source of ["(".repeat(100_000), "x <- ".repeat(100_000), "if (a) ".repeat(20_000), '"'.repeat(100_001)])
    expect(() => R.read(source)).not.toThrow()
})
