import type { OrderStatus } from 'kafka-restaurants-contracts'
import type excerpts from './excerpts.json'

/** A step of the pipeline: who does it, what it reads, and what it writes. */
export interface Hop {
  /** What does it, as it is called in the code. */
  service: string
  /** What it reads, and the consumer group that it reads as; none where people call. */
  group?: string
  reads: string[]
  writes: string[]
  /** What an order has come to by the records that it writes. */
  statuses: OrderStatus[]
  /** Whether all that is known of an order is known by it: then an order that is known has passed. */
  tells?: true
  /** Its code, and its texts in the catalogue. */
  code: keyof typeof excerpts
}

/** In the sequence of an order. Topics and groups by the names that they have unless somebody gives them others. */
export const hops: readonly Hop[] = [
  {
    service: 'search-order',
    reads: [],
    writes: ['order'],
    statuses: ['placed'],
    code: 'order',
  },
  {
    service: 'transaction',
    group: 'transaction-service',
    reads: ['order'],
    writes: ['order_confirm', 'order_declined'],
    statuses: ['paid', 'declined'],
    code: 'charge',
  },
  {
    service: 'transaction',
    reads: [],
    writes: ['command-requests'],
    statuses: ['queued'],
    code: 'publish',
  },
  {
    service: 'command-queue',
    group: 'command-queue',
    reads: ['command-requests', 'command-events'],
    writes: ['actionable-commands'],
    statuses: ['cooking'],
    code: 'start',
  },
  {
    service: 'eventor → kitchen',
    group: 'kitchen',
    reads: ['actionable-commands'],
    writes: ['command-events'],
    statuses: ['ready'],
    code: 'cook',
  },
  {
    service: 'email',
    group: 'confirmation-service',
    reads: ['order_confirm', 'order_declined'],
    writes: [],
    statuses: [],
    code: 'mail',
  },
  {
    service: 'tracking',
    group: 'tracking-service',
    reads: [
      'order',
      'order_confirm',
      'order_declined',
      'command-requests',
      'actionable-commands',
      'command-events',
    ],
    writes: [],
    statuses: [],
    tells: true,
    code: 'track',
  },
]
