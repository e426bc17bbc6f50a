import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const cores = availableParallelism()

// Files named *.live.test.ts talk to real kernels: zeromq aborts a worker thread at exit, so they get processes of their
// own. They come after the others, so that property tests do not take the processor from kernels whose timing matters.
/** The journeys share a platform, and the first day on it is that of nobody else's. */
class FirstDayFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) => moduleId.endsWith("/e2e/first-day.test.ts")
    const sorted = await super.sort(files)
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: FirstDayFirst },
    projects: [
      {
        test: {
          name: "core",
          include: ["src/**/*.test.{ts,mjs}", "scripts/**/*.test.mjs"],
          exclude: ["src/**/*.live.test.{ts,mjs}"],
          pool: "threads",
          isolate: false,
          maxWorkers: cores,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "live",
          include: ["src/**/*.live.test.{ts,mjs}", "faults/**/*.live.test.ts"],
          pool: "forks",
          maxWorkers: Math.max(2, cores),
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Journeys in a real browser: one build, one platform and one browser for all of them, one after the other.
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          globalSetup: ["e2e/platform.ts"],
          pool: "forks",
          isolate: false,
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
