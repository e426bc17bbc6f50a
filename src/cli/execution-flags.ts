import type { Flag } from "#cli/arguments.ts"

/** Flags of every command that executes. */
export const EXECUTION_FLAGS: readonly Flag[] = [
  {
    name: "--kernel",
    short: "-k",
    takes: ["NAME"],
    candidates: "stet kernels --names",
    help: "Kernel to use instead of the one the notebook names.",
    group: "Execution",
  },
  { name: "--cwd", takes: ["DIRECTORY"], help: "Working directory of the kernel; default: this one.", group: "Execution" },
  { name: "--cell-timeout", takes: ["SECONDS"], help: "Interrupt a cell that takes longer.", group: "Execution" },
  { name: "--timeout", takes: ["SECONDS"], help: "Interrupt the run when it takes longer in all.", group: "Execution" },
  { name: "--start-timeout", takes: ["SECONDS"], help: "How long the kernel may take to start; default 60.", group: "Execution" },
  { name: "--allow-errors", takes: [], help: "Go on after a cell that raises.", group: "Execution" },
  { name: "--no-pipelining", takes: [], help: "Send each cell only after the one before has ended.", group: "Execution" },
  {
    name: "--keep-kernel",
    takes: ["SECONDS"],
    help: "Keep the kernel of a failed run alive so long, for `stet resume`; on a server, for `stet attach`.",
    group: "Execution",
  },
  {
    name: "--progress",
    takes: ["HOW"],
    choices: ["auto", "bar", "lines", "none"],
    help: "How progress is shown; auto is a bar on a terminal, lines elsewhere.",
    group: "Reporting",
  },
  { name: "--json", takes: [], help: "Events as JSON lines on standard output.", group: "Reporting" },
  { name: "--quiet", short: "-q", takes: [], help: "Say nothing unless something is wrong.", group: "Reporting" },
  { name: "--log-output", takes: [], help: "Copy what cells print to the terminal as it comes.", group: "Reporting" },
  { name: "--journal", takes: ["PATH"], help: "Leave the run's journal there.", group: "Reporting" },
]
