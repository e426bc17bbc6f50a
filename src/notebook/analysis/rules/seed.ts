/** Chance without a seed: two runs of the notebook give two results. */
import { type Finding, type FixEdit, finding, type Rule, type Subject } from "#notebook/analysis/findings.ts"
import type { Call } from "#notebook/analysis/names.ts"

type Source = { readonly draws: RegExp; readonly seeds: RegExp; readonly seed: (module: string) => string }

const DRAWS = "random randint randrange choice choices shuffle sample uniform gauss normalvariate betavariate expovariate triangular"
const NUMPY_DRAWS =
  "rand randn randint random random_sample choice shuffle permutation normal uniform binomial poisson exponential beta gamma standard_normal multivariate_normal"
const TORCH_DRAWS = "rand randn randint randperm rand_like randn_like normal bernoulli multinomial"

const SOURCES: readonly Source[] = [
  { draws: named("random", DRAWS), seeds: /^random\.seed$/, seed: (module) => `${module}.seed(0)` },
  { draws: named("numpy.random", NUMPY_DRAWS), seeds: /^numpy\.random\.(?:seed|RandomState|default_rng)$/, seed: (module) => `${module}.seed(0)` },
  { draws: named("torch", TORCH_DRAWS), seeds: /^torch\.(?:manual_seed|random\.manual_seed)$/, seed: () => "torch.manual_seed(0)" },
  {
    draws: named("tensorflow.random", "normal uniform shuffle truncated_normal"),
    seeds: /^(?:tensorflow\.(?:random\.)?set_(?:random_)?seed|tensorflow\.keras\.utils\.set_random_seed|keras\.utils\.set_random_seed)$/,
    seed: () => "tf.random.set_seed(0)",
  },
]

function named(module: string, names: string): RegExp {
  return new RegExp(`^${module.replaceAll(".", "\\.")}\\.(?:${names.replaceAll(" ", "|")})$`)
}

export const withoutSeed: Rule = (subject) => {
  if (subject.language === "r") return withoutSeedInR(subject)
  if (subject.language !== "python") return []
  const calls = resolvedCalls(subject)
  const fromSources = SOURCES.flatMap((source): Finding[] => {
    if (calls.some(({ name, call }) => source.seeds.test(name) && call.args.length > 0)) return []
    const first = calls.find(({ name }) => source.draws.test(name))
    return first ? [drawn(first, source)] : []
  })
  // Without a state of their own, scikit-learn's take numpy's.
  const isSeeded = calls.some(({ name, call }) => /^numpy\.random\.seed$/.test(name) && call.args.length > 0)
  return [...fromSources, ...(isSeeded ? [] : calls.flatMap(withoutState))]
}

type Resolved = { readonly name: string; readonly call: Call; readonly cell: Subject["cells"][number] }

/** Calls by the full name of what they call: `np.random.rand` is numpy.random.rand. What no import brought (`random = default_rng(7)`) is none. */
function resolvedCalls({ cells }: Subject): readonly Resolved[] {
  const aliases = new Map<string, string>()
  return cells.flatMap((cell) => {
    for (const one of cell.names.imports) {
      if (one.member === "") aliases.set(one.as, one.module.startsWith(`${one.as}.`) ? one.as : one.module)
      else if (one.member !== "*") aliases.set(one.as, `${one.module}.${one.member}`)
    }
    return cell.names.calls.map((call) => {
      const [root = "", ...rest] = call.callee.split(".")
      return { name: [aliases.get(root) ?? "", ...rest].join("."), call, cell }
    })
  })
}

function drawn({ name, call, cell }: Resolved, source: Source): Finding {
  const module = call.callee.includes(".") ? call.callee.replace(/\.\w+$/, "") : ""
  const why = `\`${call.callee}\` draws at random and nothing sets a seed, so every run gives another result.`
  if (module === "" && !name.startsWith("torch")) return finding("no_seed", cell, { span: call, why })
  const line = source.seed(module)
  const edit = seeding(cell, { root: module.split(".")[0] ?? "", line, id: `seed-${name.split(".")[0]}` })
  return finding("no_seed", cell, { span: call, why, fix: edit && { title: `Add \`${line}\``, isSafe: false, edits: [edit] } })
}

/** In a cell of its own before the first draw; where the module is imported in that very cell, below its import. */
function seeding(
  { id, cell: { source }, names }: Resolved["cell"],
  seed: { readonly root: string; readonly line: string; readonly id: string },
): FixEdit | undefined {
  const here = names.imports.find(({ as }) => as === seed.root)
  if (!here) return { kind: "insert_cell", id: seed.id, before: id, source: seed.line, tags: [] }
  const from = source.lastIndexOf("\n", here.from - 1) + 1
  const end = source.indexOf("\n", here.to)
  const at = end < 0 ? source.length : end
  // One that goes on on the next line, or stands inside of something, is left to a person.
  const isPlain = /^(?:import|from)\s[^(\\]*$/.test(source.slice(from, at)) && !here.guarded
  return isPlain ? { kind: "replace", cell: id, from: at, to: at, text: `\n${seed.line}` } : undefined
}

const SPLITS =
  /^sklearn\..*\.(?:train_test_split|KFold|StratifiedKFold|RandomForest\w+|GradientBoosting\w+|KMeans|MLP\w+|ShuffleSplit|ExtraTrees\w+|SGD\w+)$/

function withoutState({ name, call, cell }: Resolved): Finding[] {
  const isSplit = SPLITS.test(name)
  if (!isSplit || call.args.some((argument) => argument.name === "random_state" || argument.name === "**")) return []
  if (/KFold$/.test(name) && !call.args.some((argument) => argument.name === "shuffle" && argument.literal === true)) return []
  const text = call.args.length === 0 ? "random_state=0" : ", random_state=0"
  const last = call.args.at(-1)
  const at = last ? last.to : call.to - 1
  const fix = { title: "Add `random_state=0`", isSafe: false, edits: [{ kind: "replace", cell: cell.id, from: at, to: at, text }] } as const
  return [finding("no_seed", cell, { span: call, why: `\`${call.callee}\` without \`random_state\` gives another result every time.`, fix })]
}

const R_DRAWS =
  /^\.?(?:r(?:norm|unif|binom|pois|exp|gamma|beta|t|chisq|f|geom|hyper|logis|lnorm|multinom|nbinom|weibull|cauchy|signrank|wilcox)|sample|sample\.int|sample_n|sample_frac|slice_sample)$/
/** What is read from elsewhere may set one, too. */
const R_SEEDS = /^\.?(?:set\.seed|with_seed|local_seed|with_preserve_seed|source|sys\.source|load|attach|set_seed|setSeed)$/

function withoutSeedInR({ cells }: Subject): readonly Finding[] {
  if (cells.some(({ names }) => names.calls.some(({ callee }) => R_SEEDS.test(callee)) || names.brokenAt.length > 0)) return []
  const own = new Set(cells.flatMap(({ names }) => names.events.flatMap((event) => (event.do === "define" ? [event.name] : []))))
  for (const cell of cells) {
    const call = cell.names.calls.find(({ callee }) => R_DRAWS.test(callee) && !own.has(callee))
    if (!call) continue
    const why = `\`${call.callee.replace(/^\./, "")}\` draws at random and nothing sets a seed, so every run gives another result.`
    const edit: FixEdit = { kind: "insert_cell", id: "seed-r", before: cell.id, source: "set.seed(0)", tags: [] }
    return [finding("no_seed", cell, { span: call, why, fix: { title: "Add `set.seed(0)`", isSafe: true, edits: [edit] } })]
  }
  return []
}
