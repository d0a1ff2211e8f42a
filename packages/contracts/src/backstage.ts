import { z } from 'zod'
import { OrderChange } from './tracking.ts'

/** `GET /pipeline` of backstage: what moves through Kafka now. */
export const Pipeline = z.object({
  topics: z.array(
    z.object({
      name: z.string(),
      perSecond: z.number().nonnegative().optional().meta({
        description: 'offsets written in a second; missing until there were two looks',
      }),
    }),
  ),
  groups: z.array(
    z.object({
      name: z.string(),
      members: z.int().nonnegative().meta({ description: 'how many read; none is a group that is away' }),
      lag: z.array(
        z.object({ topic: z.string(), records: z.int().nonnegative().meta({ description: 'not done yet' }) }),
      ),
    }),
  ),
})
export type Pipeline = z.infer<typeof Pipeline>

/** One of `GET /orders/{id}/records` of backstage: a record that told of a step of an order. */
export const OrderRecord = OrderChange.extend({
  value: z.record(z.string(), z.unknown()).optional().meta({
    description: 'its own part of the value, with what is personal hidden',
  }),
  isGone: z.boolean().meta({ description: 'whether Kafka has removed it since' }),
})
export type OrderRecord = z.infer<typeof OrderRecord>

/** What may be broken for a while, to see what becomes of it. */
export const BreakName = z.enum(['bank-away', 'bank-slow', 'mail-away', 'worker-killed'])
export type BreakName = z.infer<typeof BreakName>

/** `GET /breaks` of backstage, and the answer to `POST /breaks/{name}`. */
export const Breaks = z.object({
  allowed: z.array(BreakName).meta({ description: 'what may be broken here' }),
  broken: z.array(
    z.object({
      name: BreakName,
      secondsLeft: z.int().min(0).optional().meta({
        description:
          'when the part is back; a worker that was killed is started again sooner, and may be killed again then. Not given where somebody else has broken it.',
      }),
    }),
  ),
})
export type Breaks = z.infer<typeof Breaks>
