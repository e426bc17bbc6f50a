export { messageReader } from "#kernel/message.ts"
export type {
  Channel,
  Execute,
  Exit,
  Header,
  KeptKernel,
  Kernel,
  KernelEvent,
  KernelFeature,
  KernelInfo,
  KernelSpec,
  Kernels,
  Launch,
  Message,
  SendMore,
} from "#kernel/ports.ts"
