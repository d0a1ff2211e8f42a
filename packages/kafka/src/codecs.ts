import { promisify } from 'node:util'
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
import {
  lz4Compress,
  lz4Decompress,
  snappyCompress,
  snappyDecompress,
} from '@platformatic/wasm-utils/bundled'
import kafkajs, { type CompressionTypes } from 'kafkajs'

/**
 * The most bytes that a batch may have when it is decompressed. Kafka's own limits are of compressed bytes, of which one
 * can stand for a thousand. A process holds it up to three times, which fits into the memory that the chart's pods have.
 */
export const mostDecompressed = 32 * 1024 * 1024

interface Codec {
  compress: (bytes: Buffer) => Promise<Buffer> | Buffer
  /** @throws Error when it can't be decompressed, or would have more than `mostDecompressed` bytes */
  decompress: (bytes: Buffer) => Promise<Buffer> | Buffer
}

const limited = { maxOutputLength: mostDecompressed }

/** All codecs of Kafka, by their number in a batch's attributes. */
const codecs: Record<number, Codec> = {
  [kafkajs.CompressionTypes.GZIP]: {
    compress: promisify(gzip),
    decompress: bytes => promisify(gunzip)(bytes, limited),
  },
  [kafkajs.CompressionTypes.Snappy]: { compress: snappyCompress, decompress: unsnapped },
  [kafkajs.CompressionTypes.LZ4]: {
    compress: lz4Compress,
    decompress: bytes => {
      assertFits(largestOfLz4(bytes))
      return lz4Decompress(bytes)
    },
  },
  [kafkajs.CompressionTypes.ZSTD]: {
    compress: promisify(zstdCompress),
    decompress: bytes => promisify(zstdDecompress)(bytes, limited),
  },
}

/** How Kafka's tools call the codecs. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

export const compressionType = (name: Compression): CompressionTypes => compressions.indexOf(name)

/** Teaches kafkajs, which knows gzip alone, all of Kafka's codecs. */
export function useAllCodecs(): void {
  for (const [type, { compress, decompress }] of Object.entries(codecs)) {
    const codec = {
      compress: async ({ buffer }: { buffer: Buffer }) => compress(buffer),
      decompress: (bytes: Buffer) => inWords(() => decompress(bytes)),
    }
    Object.assign(kafkajs.CompressionCodecs, { [type]: () => codec })
  }
}

/** Each library has its own words, such as "unreachable". */
async function inWords(act: () => Promise<Buffer> | Buffer): Promise<Buffer> {
  try {
    return await act()
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError && 'code' in cause && cause.code === tooLarge
    const why = isTooLarge
      ? `it has more than ${mostDecompressed} bytes when it is decompressed`
      : 'its compressed bytes are damaged'
    throw new Error(why, { cause })
  }
}

/** As zlib says it. */
const tooLarge = 'ERR_BUFFER_TOO_LARGE'

function assertFits(bytes: number): void {
  if (bytes > mostDecompressed) throw Object.assign(new RangeError('too large'), { code: tooLarge })
}

/** What Java's clients write: this, two numbers of 4 bytes, and blocks with their lengths. Others write one bare block. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const xerialHeader = xerialMagic.length + 8

function unsnapped(bytes: Buffer): Buffer {
  const blocks: Buffer[] = []
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) blocks.push(bytes)
  else {
    for (let at = xerialHeader; at < bytes.length; ) {
      const from = at + 4
      at = from + bytes.readUInt32BE(at)
      if (at > bytes.length) throw new Error('its bytes are cut off')
      blocks.push(bytes.subarray(from, at))
    }
  }
  assertFits(blocks.reduce((sum, block) => sum + lengthOfSnappy(block), 0))
  return Buffer.concat(blocks.map(block => snappyDecompress(block)))
}

/** A block of snappy begins with the length of what is in it, seven bits a byte, the lowest first. */
function lengthOfSnappy(block: Buffer): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) break
  }
  return length
}

/**
 * The most bytes that an LZ4 frame can have in it: as many blocks as it has, all full but the last.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
function largestOfLz4(frame: Buffer): number {
  const [flags, sizes] = [frame.readUInt8(4), frame.readUInt8(5)]
  const fullBlock = 4 ** ((sizes >> 4) & 7) * 256
  const ofEachBlock = 4 + (flags & 0x10 ? 4 : 0)
  let blocks = 0
  for (let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0); at + 4 <= frame.length; blocks++) {
    const length = frame.readUInt32LE(at) & 0x7fffffff
    if (length === 0) break
    at += length + ofEachBlock
  }
  return Math.max(0, blocks - 1) * fullBlock
}
