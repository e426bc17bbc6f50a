import { defineConfig } from "vitest/config"

// Files named *.live.test.ts talk to real kernels: zeromq aborts a worker thread at exit, so they get processes of their own.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "core", include: ["src/**/*.test.ts"], exclude: ["src/**/*.live.test.ts"], pool: "threads", isolate: false } },
      {
        test: {
          name: "live",
          include: ["src/**/*.live.test.ts"],
          pool: "forks",
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
