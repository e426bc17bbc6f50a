export { chooseIsolation } from "#kernel/isolation.ts"
export { messageReader } from "#kernel/message.ts"
export type {
  Channel,
  Confined,
  Confinement,
  Execute,
  Exit,
  Isolation,
  IsolationLevel,
  KeptKernel,
  Kernel,
  KernelEvent,
  KernelFeature,
  KernelSpec,
  Kernels,
  Launch,
  Message,
} from "#kernel/ports.ts"
export type { ClientAsked, ServedKernel } from "#kernel/served.ts"
