import { describe, expect, test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
import { MANNERS, type Manners } from "#kernel/contract/manners.ts"
import { kernelContract } from "#kernel/contract/testing.ts"

/** Kernels that every release is proven with: where CI is set, a missing one is a failure. */
const PROVEN = Object.keys(MANNERS)

const there = new Set((await localKernels().list()).map((spec) => spec.name))
const { STET_TEST_KERNELS, CI } = process.env
const wanted = STET_TEST_KERNELS ? STET_TEST_KERNELS.split(",").map((name) => name.trim()) : PROVEN

for (const name of CI ? new Set([...wanted, ...PROVEN]) : wanted) {
  const manners: Manners | undefined = Object.hasOwn(MANNERS, name) ? MANNERS[name as keyof typeof MANNERS] : undefined
  if (manners && there.has(name)) kernelContract(`local ${name}`, async () => ({ kernels: localKernels(), kernelName: name }), manners)
  else absent(name, manners !== undefined)
}

function absent(name: string, isKnown: boolean): void {
  const why = isKnown ? "is not installed" : "has no manners written down in manners.ts"
  describe(`contract of local ${name}`, () => {
    test.skipIf(!CI && isKnown)(`the kernel ${name} ${why}`, () => {
      expect([...there], `Kernels are searched as Jupyter does; install ${name} or point JUPYTER_PATH at its kernelspec.`).toContain(
        isKnown ? name : undefined,
      )
    })
  })
}
