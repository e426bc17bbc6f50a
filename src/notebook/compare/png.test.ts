import { createHash } from "node:crypto"
import { constants, deflateRawSync, deflateSync } from "node:zlib"
import fc from "fast-check"
import { expect, test } from "vitest"
import { inflate } from "#notebook/compare/inflate.ts"
import { type Picture, pixelsOf } from "#notebook/compare/png.ts"
import { pngOf } from "#notebook/compare/testing.ts"

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"))
}

// Written by Pillow 12, 11 by 7 pixels of chance, with the SHA-256 of their pixels as Pillow reads them (16 bits cut to 8).
const PILLOW: readonly (readonly [mode: string, png: string, rgbaSha256: string])[] = [
  [
    "1",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHAQAAAAD2FYrwAAAAHUlEQVR4nGOsOsbEncCwy4HR15gl/A/TNAbGwPcAQFYGWmwistkAAAAASUVORK5CYII=",
    "8d6f7ac84daf20ff1636758fa13389f65befb184fdd4062e6428db9348a693db",
  ],
  [
    "L",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAAAAAD7BeiBAAAAX0lEQVR4nAFUAKv/AYm5LDj4MFmNoRkEAhoFA38QNyuSUNDwArFu34PKIvV305c6AbDP7R3aVKzhXr1bAvjKLgYeg03xyfvYAsExxbIPYf5BHOQQArH+O2DG/Iw/Lf+nD74nrmxneD8AAAAASUVORK5CYII=",
    "694d2ed7c2f17876218fb46a31f34a2bde82485f824d63cc567a0fe5c6a7e5d9",
  ],
  [
    "P",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHBAMAAAAsQKpuAAAAJ1BMVEXe32yY1nIw66UnyJe2pXzYf7kxlZS0X029OoW9FUFQVkxCKDBKEGdHeT0rAAAABHRSTlP///8AQCqp9AAAADxJREFUeJwBMQDO/wDDMqVlfCACAoBmMPYwAvOhiXMjMAGq+Glv4cUBPAo7SI4JAn0R+Mez0AJO6UjZH2DZqRPueLpXmwAAAABJRU5ErkJggg==",
    "53e16d9f603deba0929478069cc40d2452af602b61c90aa893e673181d1f9f8d",
  ],
  [
    "RGB",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAIAAABRDCAKAAAA+UlEQVR4nAHuABH/AdsnRK9bzahEyD8vveHTVGVCxgKHsK3FiUhCKZUEX58WswHtNOnY2j95+mj00L9lVs14P9ItLwP1V1NO9ogpjBKzHMsA5rhbLpP3MJTScAkdNNHiBLhJYwvQBE5OQikMX0PACeDYAc1VoMjfqTi1Vk9x3AnA6d7fcUlZ/tRB4MK7NVwSiAo54wJxZcLtOIz4M+daJJFzLy3uxy5hoKTb7o68HCNGYCSNA9YAxcTO+MA9leazuQ8RYcSrDRLzQrDffW4GC7bm9+CcQr0zBPLXiADq5h1Iu65P9HCd4cSlOPvzSB0UDhNjO2faHHTf3h8AdcfFsFFWAAAAAElFTkSuQmCC",
    "58a9575347833ab13e64ddce030e2bdc38be4d63a88b7e610b7aca6156ad0254",
  ],
  [
    "RGBA",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAYAAADebrddAAABRklEQVR4nAE7AcT+AAaAMIZ6+RpGZ5NR848B4bMr72iiZvic8R2dGcnqFXcgjLd1CUEcYt0QNmhoAeoKOQ/vPcdrN+Z65+C+4Q1RwaoArG9n4oMjuS2g+rAAOjckfCnQXrgpczwVAlqb1fPX/xHVadhamhgbudd9OocULFeJjMIdVia8IMhk66MdMehqZtEeFyPcANjDI1ia+P2SQOey/p2Gj7wareFQ2rheEAw9xi5KJqNFSBxO4aq2XkVwNvXPAmY39u441P0Y6lswiOcSyznqoB5AkOmd3G44fsh4EOp6AUaPv8s3+JdLjSIwBAAILPnZPQjm1Hwmng78tJRd34qRCvyiIBLIxqrmvDMcyAk2awiY1w5aqiyJAYJftOQYJlIFoeXRqrWL4PwqmDEmdkUl31dE5Co6Z8FzddWJl0wSbr4GRdA69bWVQGDTlrIAAAAASUVORK5CYII=",
    "c14255ae32df559da6ff9393861184bf10f3f294e8a11e3ce036bef4523387f8",
  ],
  [
    "LA",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAQAAAB0Z3/WAAAArElEQVR4nAGhAF7/Ab2FBMnAyP1wGXXjDkGJauD/jyuKJDoEvzj8dReNIBC9/FBItjpJnjBb/iEMzwI9dOeu6gwYVAWjxpHYKgPmTbbo1JrrArpd0xa/vclCShTYgRj4N/qJo8g5CcYB2RZgO38UpZUR5e1cXz2hISdQPDmgogG37PP+sVw82vh4xXoRD1vxwiO7qUrOApC2shIEOenqLpFCMD+LvEkBHCc+uAkwj0sySesE2QAAAABJRU5ErkJggg==",
    "d5fd3548aad10645a5c3f6a7369760ffdb52ee560121e43ea3c617e37cac8c00",
  ],
  [
    "I;16",
    "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHEAAAAACrlTTCAAAArElEQVR4nAGhAF7/ALS+ABNYHm9PvDu+j1cZS9qKL9oU85MAMxkGyiORDdVkH03etCuvdEywz9/SMwCa/AVYGdn7WbZqDBCohtgCtbwA5z4dBNKWNjEUX+bbRLnJ6dIgMrvvmo/B2wgA+XmA8BxXgJXfUsDhu+CCV0Pw6fHViAAxI8ZGeeQWhD8rGFjdIfoYIyn/X7OZAlAZIykl1jW6NFkvIP7RymwcA5gBslJDRknhq4vamQAAAABJRU5ErkJggg==",
    "80da2618eaa9fcf10a4d1e2f09379fdb9863f64c1682cc80270225be48b553cc",
  ],
]

test.each(PILLOW)("a picture of mode %s has the pixels that Pillow reads in it", (_, png, sha256) => {
  const picture = pixelsOf(bytesOf(png))
  expect([picture?.width, picture?.height]).toEqual([11, 7])
  expect(createHash("sha256").update(picture!.rgba).digest("hex")).toBe(sha256)
})

// Interlaced in seven passes, which Pillow reads and does not write: 3 by 3 greys of 8 bits, in the order of the passes.
test("an interlaced picture is put together from its passes", () => {
  const passes = [
    [0, 10],
    [0, 30],
    [0, 70, 90],
    [0, 20],
    [0, 80],
    [0, 40, 50, 60],
  ]
  const header = [0, 0, 0, 3, 0, 0, 0, 3, 8, 0, 0, 0, 1]
  const data = deflateSync(Buffer.from(passes.flat()))
  const chunk = (type: string, body: readonly number[]) => [0, 0, body.length >> 8, body.length & 255, ...Buffer.from(type), ...body, 0, 0, 0, 0]
  const bytes = Uint8Array.from([
    ...Buffer.from("89504e470d0a1a0a", "hex"),
    ...chunk("IHDR", header),
    ...chunk("IDAT", [...data]),
    ...chunk("IEND", []),
  ])
  const greys = pixelsOf(bytes)!.rgba.filter((_, at) => at % 4 === 0)
  expect([...greys]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90])
})

const arbitraryPicture: fc.Arbitrary<Picture> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc.uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 }).map((rgba) => ({ width, height, rgba })),
  )

test("whatever the filters of its rows, a picture that was written is read", () => {
  fc.assert(
    fc.property(arbitraryPicture, fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }), (picture, filters) => {
      expect(pixelsOf(bytesOf(pngOf(picture, { filters })))).toEqual(picture)
    }),
  )
})

test("what zlib packs is unpacked, stored, with fixed codes and with its own, long matches and none", () => {
  const text = fc
    .tuple(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 300 }))
    .map(([bytes, times]) => Buffer.concat(new Array(times).fill(bytes)))
  const options = fc.record({
    level: fc.constantFrom(0, 1, 6, 9),
    strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
  })
  fc.assert(
    fc.property(text, options, (bytes, how) => {
      expect(Buffer.compare(Buffer.from(inflate(new Uint8Array(deflateSync(bytes, how)), bytes.length)!), bytes)).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test("a stream that is cut, changed, or of another size gives nothing or bytes, and always ends", () => {
  const packed = new Uint8Array(deflateSync(Buffer.from("one two three two one ".repeat(50))))
  expect(inflate(packed, 1100)).toHaveLength(1100)
  for (const size of [0, 1099, 1101]) expect(inflate(packed, size)).toBeUndefined()
  for (let end = 0; end < packed.length - 4; end++) expect(inflate(packed.subarray(0, end), 1100) === undefined).toBe(true)
  fc.assert(
    fc.property(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const broken = packed.map((byte, i) => (i === at ? byte ^ by : byte))
      expect([undefined, 1100]).toContain(inflate(broken, 1100)?.length)
    }),
  )
  expect(inflate(new Uint8Array(deflateRawSync(Buffer.from("no envelope"))), 11)).toBeUndefined()
})

test("what is no PNG, is cut, or would unpack to more than is looked at gives nothing", () => {
  const png = bytesOf(PILLOW[4]![1])
  expect(pixelsOf(new Uint8Array())).toBeUndefined()
  expect(pixelsOf(Uint8Array.from(Buffer.from("GIF89a".padEnd(60))))).toBeUndefined()
  for (let end = 0; end < png.length - 12; end += 7) expect(pixelsOf(png.subarray(0, end))).toBeUndefined()
  const huge = Uint8Array.from(png)
  new DataView(huge.buffer).setUint32(16, 60_000)
  new DataView(huge.buffer).setUint32(20, 60_000)
  expect(pixelsOf(huge)).toBeUndefined()
})
