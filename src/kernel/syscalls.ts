/**
 * A filter of system calls, as Linux takes it: seccomp(2), a program in classic BPF. What it takes away a notebook has no use for, and
 * bugs of the operating system's kernel were found behind it: namespaces and mounts, BPF, io_uring, keys, performance counters, odd
 * families of sockets. What is refused fails with an error that programs know, and goes on. Pure.
 */

/** Numbers of system calls differ from one family of processors to the next; the newer families share theirs. */
type Numbers = {
  /** AUDIT_ARCH_… of linux/audit.h. */
  readonly arch: number
  /** Where the numbers of another convention on the same processor begin (x32). */
  readonly foreign?: number
  readonly refused: { readonly [name: string]: number }
  readonly clone: number
  readonly clone3: number
  readonly ioctl: number
  readonly personality: number
  readonly socket: number
}

/** Calls from number 424 on have the same one everywhere. */
const NEW = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  mount_setattr: 442,
  quotactl_fd: 443,
  lsm_set_self_attr: 460,
  open_tree_attr: 467,
}

/** By Node's `process.arch`. */
export const NUMBERS: { readonly [machine: string]: Numbers | undefined } = {
  x64: {
    arch: 0xc000003e,
    foreign: 0x40000000,
    clone: 56,
    clone3: 435,
    ioctl: 16,
    personality: 135,
    socket: 41,
    refused: {
      ...NEW,
      ...{ acct: 163, add_key: 248, bpf: 321, chroot: 161, clock_adjtime: 305, clock_settime: 227, create_module: 174, delete_module: 176 },
      ...{ fanotify_init: 300, finit_module: 313, init_module: 175, ioperm: 173, iopl: 172, kcmp: 312, kexec_file_load: 320, kexec_load: 246 },
      ...{ keyctl: 250, lookup_dcookie: 212, modify_ldt: 154, mount: 165, nfsservctl: 180, open_by_handle_at: 304, perf_event_open: 298 },
      ...{ pivot_root: 155, query_module: 178, quotactl: 179, reboot: 169, request_key: 249, setns: 308, settimeofday: 164, swapoff: 168 },
      ...{ swapon: 167, syslog: 103, umount2: 166, unshare: 272, uselib: 134, userfaultfd: 323, ustat: 136, vhangup: 153 },
    },
  },
  arm64: {
    arch: 0xc00000b7,
    clone: 220,
    clone3: 435,
    ioctl: 29,
    personality: 92,
    socket: 198,
    refused: {
      ...NEW,
      ...{ acct: 89, add_key: 217, bpf: 280, chroot: 51, clock_adjtime: 266, clock_settime: 112, delete_module: 106, fanotify_init: 262 },
      ...{ finit_module: 273, init_module: 105, kcmp: 272, kexec_file_load: 294, kexec_load: 104, keyctl: 219, lookup_dcookie: 18, mount: 40 },
      ...{ nfsservctl: 42, open_by_handle_at: 265, perf_event_open: 241, pivot_root: 41, quotactl: 60, reboot: 142, request_key: 218 },
      ...{ setns: 268, settimeofday: 170, swapoff: 225, swapon: 224, syslog: 116, umount2: 39, unshare: 97, userfaultfd: 282, vhangup: 58 },
    },
  },
}

/** CLONE_NEW… of linux/sched.h: time, mount, cgroup, uts, ipc, user, pid, net. */
const NAMESPACES = 0x00000080 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
/** Putting letters into a terminal that others read (TIOCSTI), and what only the machine's own screen has (TIOCLINUX). */
const TERMINAL_TRICKS = [0x5412, 0x541c]
/** Unix, IPv4, IPv6, and netlink, by which programs ask for the names of network cards. */
const FAMILIES = [1, 2, 10, 16]
/** PER_LINUX, and the question which one it is. */
const PERSONALITIES = [0, 0xffffffff]

const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97]
const ALLOW = 0x7fff0000
const refuse = (error: number) => 0x00050000 | error

/** Offsets in struct seccomp_data; of an argument its lower half. */
const NUMBER_AT = 0
const ARCH_AT = 4
const argumentAt = (index: number) => 16 + 8 * index

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number]
const load = (offset: number): Instruction => [0x20, 0, 0, offset]
const ret = (value: number): Instruction => [0x06, 0, 0, value]
const unless = (value: number, skip: number): Instruction => [0x15, 0, skip, value]

/** The program for this machine (Node's `process.arch`), 8 bytes an instruction; undefined where the numbers are not known. */
export function systemCallFilter(machine: string): Uint8Array | undefined {
  const numbers = NUMBERS[machine]
  return numbers && bytesOf(program(numbers))
}

function program({ arch, foreign, refused, clone, clone3, ioctl, personality, socket }: Numbers): readonly Instruction[] {
  const anyOf = (values: readonly number[], verdict: number) => values.flatMap((value) => [unless(value, 1), ret(verdict)])
  const about = (number: number, body: readonly Instruction[]) => [unless(number, body.length), ...body]
  return [
    load(ARCH_AT),
    [0x15, 1, 0, arch],
    ret(refuse(ENOSYS)),
    load(NUMBER_AT),
    ...(foreign === undefined ? [] : ([[0x35, 0, 1, foreign], ret(refuse(ENOSYS))] as const)),
    ...anyOf(Object.values(refused), refuse(EPERM)),
    // What it asks for stands behind a pointer, where no filter sees it; told that there is none, C libraries use clone.
    ...anyOf([clone3], refuse(ENOSYS)),
    ...about(clone, [load(argumentAt(0)), [0x45, 0, 1, NAMESPACES >>> 0], ret(refuse(EPERM)), ret(ALLOW)]),
    ...about(ioctl, [load(argumentAt(1)), ...anyOf(TERMINAL_TRICKS, refuse(EPERM)), ret(ALLOW)]),
    ...about(personality, [load(argumentAt(0)), ...anyOf(PERSONALITIES, ALLOW), ret(refuse(EPERM))]),
    ...about(socket, [load(argumentAt(0)), ...anyOf(FAMILIES, ALLOW), ret(refuse(EAFNOSUPPORT))]),
    ret(ALLOW),
  ]
}

/** struct sock_filter, in the order of bytes that all known machines have. */
function bytesOf(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8))
  for (const [index, [code, whenTrue, whenFalse, operand]] of instructions.entries()) {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, whenTrue)
    view.setUint8(index * 8 + 3, whenFalse)
    view.setUint32(index * 8 + 4, operand >>> 0, true)
  }
  return new Uint8Array(view.buffer)
}
