/** Modules that a library imports only when something is asked of it: pandas reads Parquet through pyarrow, `s3://` through fsspec. */
import { type Finding, finding, type Rule, type Subject } from "#notebook/analysis/findings.ts"
import type { Call } from "#notebook/analysis/names.ts"
import { installs } from "#notebook/analysis/rules/imports.ts"

/** Each of `needs` is one module, or any of several. */
type Need = { readonly what: string; readonly needs: readonly (readonly string[])[] }

const BY_FORMAT: readonly (readonly [callee: RegExp, needs: Need["needs"]])[] = [
  [/^(?:read|to)_parquet$/, [["pyarrow", "fastparquet"]]],
  [/^(?:read|to)_(?:feather|orc)$/, [["pyarrow"]]],
  [/^read_html$/, [["lxml", "bs4"]]],
  [/^(?:read|to)_hdf$|^HDFStore$/, [["tables"]]],
  [/^read_spss$/, [["pyreadstat"]]],
  [/^(?:read|to)_gbq$/, [["pandas_gbq"]]],
]

const BY_ENDING: readonly (readonly [ending: RegExp, reading: readonly string[], writing: readonly string[]])[] = [
  [/\.xls[xm]$/i, ["openpyxl"], ["openpyxl", "xlsxwriter"]],
  [/\.xls$/i, ["xlrd"], []],
  [/\.xlsb$/i, ["pyxlsb"], []],
  [/\.ods$/i, ["odf"], ["odf"]],
]

const BY_SCHEME: readonly (readonly [scheme: RegExp, needs: Need["needs"]])[] = [
  [/^s3[an]?:\/\//, [["fsspec"], ["s3fs"]]],
  [/^(?:gs|gcs):\/\//, [["fsspec"], ["gcsfs"]]],
  [/^(?:abfss?|adl|az):\/\//, [["fsspec"], ["adlfs"]]],
]

/** With one of these, what has such a method need be no table of pandas. */
const OTHER_TABLES =
  /^(?:polars|dask|pyspark|databricks|cudf|modin|vaex|ibis|geopandas|datasets|duckdb|pyarrow|xarray|snowflake|bigframes|awswrangler|ray|daft|tables|h5py|koalas)$/

export const lateImports: Rule = (subject) => {
  const { modules } = subject.circumstances
  if (modules === undefined || subject.language !== "python" || installs(subject)) return []
  const names = pandasNames(subject)
  if (names === undefined) return []
  return subject.cells.flatMap((cell) =>
    cell.names.calls.flatMap((call): Finding[] => {
      const method = names.methodOf(call.callee)
      const isCertain = call.chance === "sure" && !call.inFunction && !call.caught && !cell.mayRaise
      const asked = method === undefined || !isCertain || hasEngine(call) ? [] : needsOf(method, call)
      return asked.flatMap(({ what, needs }): Finding[] => {
        const missing = needs.find((any) => !any.some((one) => modules.has(one)))
        if (missing === undefined) return []
        const why = `pandas needs ${missing.map((one) => `\`${one}\``).join(" or ")} for ${what}, and the environment has no such module.`
        return [finding("missing_import", cell, { kind: "breaks", span: call, why })]
      })
    }),
  )
}

type Names = { methodOf(callee: string): string | undefined }

/** How pandas is called in the notebook; undefined where it is not. */
function pandasNames({ cells }: Subject): Names | undefined {
  const imports = cells.flatMap(({ names }) => names.imports)
  const whole = new Set(imports.flatMap(({ module, member, as }) => (module === "pandas" && member === "" ? [as] : [])))
  const members = new Map(imports.flatMap(({ module, member, as }) => (module === "pandas" && member !== "" ? [[as, member] as const] : [])))
  if (whole.size === 0 && members.size === 0) return undefined
  const isOnly = !imports.some(({ module }) => OTHER_TABLES.test(module.split(".")[0] ?? ""))
  return {
    methodOf: (callee) => {
      const [root = "", ...rest] = callee.split(".")
      if (whole.has(root)) return rest.length === 1 ? rest[0] : undefined
      if (rest.length === 0) return members.get(root)
      const last = rest.at(-1) ?? ""
      return isOnly && /^to_(?:parquet|feather|orc|hdf|excel)$/.test(last) ? last : undefined
    },
  }
}

function hasEngine({ args }: Call): boolean {
  return args.some(({ name }) => name === "engine" || name === "flavor")
}

function needsOf(method: string, { args }: Call): readonly Need[] {
  const path = args[0]?.name === "" || args[0]?.name === undefined ? (args[0]?.literal ?? args[0]?.begins) : undefined
  const needs = BY_FORMAT.filter(([callee]) => callee.test(method)).map(([, each]): Need => ({ what: `\`${method}\``, needs: each }))
  if (typeof path !== "string" || !/^(?:read|to)_|^Excel/.test(method)) return needs
  const byScheme = BY_SCHEME.filter(([scheme]) => scheme.test(path)).map(
    ([, each]): Need => ({ what: `addresses with ${/^\w+/.exec(path)?.[0]}://`, needs: each }),
  )
  return [...byScheme, ...needs, ...(typeof args[0]?.literal === "string" ? ofEnding(method, args[0].literal) : [])]
}

function ofEnding(method: string, path: string): readonly Need[] {
  if (!/^(?:read_excel|to_excel|ExcelFile|ExcelWriter)$/.test(method)) return []
  const isReading = method === "read_excel" || method === "ExcelFile"
  return BY_ENDING.flatMap(([ending, reading, writing]) => {
    const modules = isReading ? reading : writing
    return ending.test(path) && modules.length > 0 ? [{ what: `\`${short(path)}\``, needs: [modules] }] : []
  })
}

function short(path: string): string {
  return path.length > 60 ? `${path.slice(0, 57)}…` : path
}
