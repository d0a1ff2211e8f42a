import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils/bundled'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { type Compression, compressions, compressionType, mostDecompressed, useAllCodecs } from './codecs.ts'

useAllCodecs()
const codec = (name: Compression) =>
  (kafkajs.CompressionCodecs as Record<number, () => Codec>)[compressionType(name)]?.() as Codec
interface Codec {
  compress: (encoder: { buffer: Buffer }) => Promise<Buffer>
  decompress: (bytes: Buffer) => Promise<Buffer>
}

const text = Buffer.from(
  JSON.stringify(Array.from({ length: 5_000 }, (_, id) => ({ id, what: `order ${id}` }))),
)
const codecs = compressions.filter(name => name !== 'none')
const bomb = {
  gzip: gzipSync(Buffer.alloc(2 * mostDecompressed)),
  snappy: snappyCompress(Buffer.alloc(2 * mostDecompressed)),
  lz4: lz4Compress(Buffer.alloc(2 * mostDecompressed)),
  zstd: zstdCompressSync(Buffer.alloc(2 * mostDecompressed)),
}

describe.each(codecs)('%s', name => {
  it.each([
    ['text', text],
    ['one byte', Buffer.from('a')],
    ['16 MiB that can hardly be compressed', randomBytes(16 * 1024 * 1024)],
    ['16 MiB of zeros', Buffer.alloc(16 * 1024 * 1024)],
  ])('gives %s back', async (_what, bytes) => {
    const compressed = await codec(name).compress({ buffer: bytes })
    expect((await codec(name).decompress(compressed)).equals(bytes)).toBe(true)
  })

  it('refuses what would be too large when it is decompressed, before it is', async () => {
    const before = process.memoryUsage.rss()
    await expect(codec(name).decompress(bomb[name])).rejects.toThrow(
      `it has more than ${mostDecompressed} bytes when it is decompressed`,
    )
    expect(process.memoryUsage.rss() - before).toBeLessThan(1.5 * mostDecompressed)
  })

  it('refuses what is cut off or damaged in words, and works on', async () => {
    const compressed = await codec(name).compress({ buffer: text })
    const damaged = [0, 1, 5, 16, 100, compressed.length / 2].map(length => compressed.subarray(0, length))
    for (const bytes of [...damaged, randomBytes(100), Buffer.alloc(100)]) {
      const result = await codec(name)
        .decompress(bytes)
        .then(
          decompressed => (decompressed.equals(text) ? 'all of it' : 'less'),
          error => error.message,
        )
      // Bytes by chance may also say that they are very many.
      const tooMany = `it has more than ${mostDecompressed} bytes when it is decompressed`
      expect(['its compressed bytes are damaged', tooMany, 'less']).toContain(result)
    }
    expect((await codec(name).decompress(compressed)).equals(text)).toBe(true)
  })
})

describe('snappy as Java writes it', () => {
  const header = Buffer.from('82534e41505059000000000100000001', 'hex')
  const framed = (...parts: Buffer[]) =>
    Buffer.concat([
      header,
      ...parts.flatMap(part => {
        const block = snappyCompress(part)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(block.length)
        return [length, block]
      }),
    ])

  it('is blocks behind a header, which are read as one', async () => {
    const bytes = framed(text.subarray(0, 32_768), text.subarray(32_768))
    expect((await codec('snappy').decompress(bytes)).equals(text)).toBe(true)
  })
  it('is refused when all of its blocks together are too large', async () => {
    const half = Buffer.alloc(mostDecompressed / 2 + 1)
    await expect(codec('snappy').decompress(framed(half, half))).rejects.toThrow('it has more than')
  })
  it('is refused where a block is cut off', async () => {
    await expect(codec('snappy').decompress(framed(text).subarray(0, -1))).rejects.toThrow('damaged')
  })
})
