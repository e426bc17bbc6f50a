import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { NUMBERS, systemCallFilter } from "#kernel/syscalls.ts"

type Call = { readonly number: number; readonly arch: number; readonly args?: readonly bigint[] }

/** What the operating system does with such a program, as linux/filter.h and seccomp(2) say: "allow", or the error's number. */
function judged(filter: Uint8Array, { number, arch, args = [] }: Call): "allow" | number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number >>> 0, true)
  data.setUint32(4, arch, true)
  for (const [index, arg] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, arg), true)
  const view = new DataView(filter.buffer)
  let accumulator = 0
  for (let at = 0; ; at++) {
    if (at * 8 >= filter.length) throw new Error("the program runs past its end")
    const [code, whenTrue, whenFalse, k] = [
      view.getUint16(at * 8, true),
      view.getUint8(at * 8 + 2),
      view.getUint8(at * 8 + 3),
      view.getUint32(at * 8 + 4, true),
    ]
    if (code === 0x20) accumulator = data.getUint32(k, true)
    else if (code === 0x15) at += accumulator === k ? whenTrue : whenFalse
    else if (code === 0x35) at += accumulator >= k ? whenTrue : whenFalse
    else if (code === 0x45) at += (accumulator & k) !== 0 ? whenTrue : whenFalse
    else if (code === 0x06) return k === 0x7fff0000 ? "allow" : k & 0xffff
    else throw new Error(`no such instruction: ${code}`)
  }
}

for (const [machine, numbers] of Object.entries(NUMBERS)) {
  const { arch = 0, refused = {}, clone = 0, clone3 = 0, ioctl = 0, personality = 0, socket = 0 } = numbers ?? {}
  const filter = systemCallFilter(machine) ?? new Uint8Array()
  const ask = (number: number, ...args: bigint[]) => judged(filter, { number, arch, args })

  test(`on ${machine} what is named is refused, and nothing else`, () => {
    const named = new Set(Object.values(refused))
    expect(named.size).toBe(Object.keys(refused).length)
    for (let number = 0; number < 600; number++) {
      if (number === clone3) expect(ask(number)).toBe(38)
      else if (number !== socket) expect([number, ask(number)]).toEqual([number, named.has(number) ? 1 : "allow"])
    }
    expect(judged(filter, { number: 1, arch: 0x40000003 })).toBe(38)
    if (machine === "x64") expect(ask(0x40000001)).toBe(38)
  })

  test(`on ${machine} threads and processes are made, namespaces are not`, () => {
    // pthread_create's flags, and fork's.
    for (const flags of [0x3d0f00n, 0x1200011n, 0n]) expect(ask(clone, flags)).toBe("allow")
    for (const flag of [0x80n, 0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n])
      expect(ask(clone, flag | 0x11n)).toBe(1)
  })

  test(`on ${machine} sockets are of the usual families, terminals are left alone, and the personality is asked for only`, () => {
    for (const family of [1n, 2n, 10n, 16n]) expect(ask(socket, family)).toBe("allow")
    for (const family of [0n, 17n, 38n, 40n, 44n, 2n ** 32n - 1n]) expect(ask(socket, family)).toBe(97)
    // Only the lower half counts: that is what the call takes.
    expect(ask(socket, 2n ** 32n + 38n)).toBe(97)
    for (const [request, verdict] of [
      [0x5412n, 1],
      [0x541cn, 1],
      [0x5413n, "allow"],
    ] as const)
      expect(ask(ioctl, 0n, request)).toBe(verdict)
    for (const [wanted, verdict] of [
      [0n, "allow"],
      [0xffffffffn, "allow"],
      [0x40000n, 1],
    ] as const)
      expect(ask(personality, wanted)).toBe(verdict)
  })

  const header = machine === "x64" ? "/usr/include/x86_64-linux-gnu/asm/unistd_64.h" : "/usr/include/asm-generic/unistd.h"
  test.skipIf(!existsSync(header))(`the numbers of ${machine} are those of the system's own header`, () => {
    const own = new Map(
      [...readFileSync(header, "utf8").matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/gu)].map(([, name, number]) => [name, Number(number)]),
    )
    // What is newer than the header is not in it.
    for (const [name, number] of Object.entries({ ...refused, clone, clone3, ioctl, personality, socket }))
      if (own.has(name)) expect([name, own.get(name)]).toEqual([name, number])
      else expect([name, number > 450]).toEqual([name, true])
  })
}

test("a machine whose numbers are not known has no filter", () => {
  expect(systemCallFilter("riscv64")).toBeUndefined()
})
