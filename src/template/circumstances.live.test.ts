/** What a proposal finds that depends on where it runs: in a real environment, whose interpreter is asked when the fresh rerun is prepared. */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { importableIn } from "#environment/adapters/importable.ts"
import { importableLearner, resolveEnvironment } from "#environment/index.ts"
import { type Workshop, workshop } from "#environment/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { putFile } from "#library/index.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import { signerIn } from "#template/adapters/signer.ts"
import { lookAtProposal, propose, type TemplateWorld } from "#template/index.ts"
import { eventually, type Platform, platform } from "#work/testing.ts"

let at: Platform
let shop: Workshop
let world: TemplateWorld
const kernels = localKernels()
const learned: Promise<void>[] = []

beforeAll(async () => {
  at = await platform()
  shop = await workshop({ db: at.world.db })
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
  world = { ...at.world, signer: signerIn(join(at.home, "keys"), signingKey), sha256 }
  const learn = importableLearner({
    db: at.world.db,
    ask: async ({ kernelName }) => {
      const kernel = (await kernels.list()).find(({ name }) => name === kernelName)
      return kernel && importableIn(kernel, undefined, process.env)
    },
    tell: (line) => {
      throw new Error(line)
    },
  })
  const resolve = async (asking: Parameters<typeof resolveEnvironment>[1]) => {
    const resolved = await resolveEnvironment(shop.world, asking)
    if (resolved.ok) learned.push(learn(resolved.value))
    return resolved
  }
  await at.worker({ kernels, kernelName: "python3", options: { preparing: { resolve, kernels: () => kernels } } })
}, 60_000)
afterAll(async () => {
  await at?.close()
  await shop?.close()
  await kernels.close()
})

test("what its environment lacks and which files it does not bring are found in a proposal once that is known", async () => {
  const content = new TextEncoder().encode("a,b\n1,2\n")
  const put = await putFile(at.library, at.admin, { space: at.space, path: "sales/here.csv", content })
  expect(put.ok).toBe(true)
  const notebook = await at.notebook(
    "sales/Weekly.ipynb",
    "python3",
    "import json, ipykernel\ntext = open('here.csv').read()",
    "more = open('gone.csv').read()",
    "import stet_is_not_there",
    "open('/stet/gone.csv').read()",
  )
  const proposal = await propose(world, at.admin, { notebook, template: "sales/weekly", message: "" })
  if (!proposal.ok) throw new Error(proposal.refusal.message)
  const view = await eventually(
    "its rerun is judged",
    async () => {
      const seen = await lookAtProposal(world, at.admin, proposal.value.id)
      return seen.ok && seen.value.checks.every(({ verdict }) => verdict !== "pending") && seen.value
    },
    60_000,
  )
  await Promise.all(learned)
  const seen = await lookAtProposal(world, at.admin, view.proposal.id)
  const found = seen.ok ? seen.value.findings.filter(({ rule }) => rule === "missing_import" || rule === "missing_file") : []
  expect(found.map(({ kind, why }) => `${kind}: ${why}`)).toEqual([
    "breaks: There is no file `gone.csv` where the notebook runs.",
    "breaks: The environment has no `stet_is_not_there`.",
  ])
}, 90_000)
