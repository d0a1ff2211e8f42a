import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Where `npm run bench -- cost --save` keeps what it has measured. */
export const figuresFile = join(import.meta.dirname, 'figures.json')

/** What an order costs, as it was measured. */
export const Figures = z.object({
  /** The day, ISO 8601. */
  measured: z.iso.date(),
  machine: z.string(),
  /** How many were placed, and how fast, up to the mail of the last. */
  orders: z.int().positive(),
  ordersPerSecond: z.number().positive(),
  /** CPU of each part, in ms an order. */
  cpuMs: z.record(z.string(), z.number()),
  /** Resident memory of each part at the end, in MiB. */
  memoryMiB: z.record(z.string(), z.number()),
  /** Records (with the markers of transactions) and bytes of each topic, an order. */
  topics: z.record(z.string(), z.object({ records: z.number(), bytes: z.number() })),
  /** What an order leaves in the file of each part, in bytes. */
  fileBytes: z.record(z.string(), z.number()),
})
export type Figures = z.infer<typeof Figures>

export const readFigures = (): Figures => Figures.parse(JSON.parse(readFileSync(figuresFile, 'utf8')))
