import type { OrderStatus } from 'kafka-restaurants-contracts'
import type excerpts from './excerpts.json'

/** A step of the pipeline: who does it, what it reads, and what it writes. */
export interface Hop {
  name: string
  service: string
  does: string
  /** What it reads, and the consumer group that it reads as; none where people call. */
  group?: string
  reads: string[]
  writes: string[]
  /** What an order has come to by the records that it writes. */
  statuses: OrderStatus[]
  code: keyof typeof excerpts
}

/** In the sequence of an order. Topics and groups by the names that they have unless somebody gives them others. */
export const hops: readonly Hop[] = [
  {
    name: 'Order',
    service: 'search-order',
    does: 'Takes your order, whose card number your browser has sealed, and answers once all replicas of the topic have it.',
    reads: [],
    writes: ['order'],
    statuses: ['placed'],
    code: 'order',
  },
  {
    name: 'Charge',
    service: 'transaction',
    does: 'Has the bank charge the card, with the order’s id as the key: a repeat is charged once. What comes of it is published in the same transaction as “done”.',
    group: 'transaction-service',
    reads: ['order'],
    writes: ['order_confirm', 'order_declined'],
    statuses: ['paid', 'declined'],
    code: 'charge',
  },
  {
    name: 'Ask the kitchen',
    service: 'transaction',
    does: 'Asks for a paid order to be cooked, in that same transaction: there is never one without the other.',
    reads: [],
    writes: ['command-requests'],
    statuses: ['queued'],
    code: 'publish',
  },
  {
    name: 'Wait in line',
    service: 'command-queue',
    does: 'Lets so many orders of a restaurant cook at a time, and starts the next when one is ready.',
    group: 'command-queue',
    reads: ['command-requests', 'command-events'],
    writes: ['actionable-commands'],
    statuses: ['cooking'],
    code: 'start',
  },
  {
    name: 'Cook',
    service: 'kitchen, by eventor',
    does: 'eventor posts each record to the kitchen. When the dish is ready, the kitchen says so, and the line moves up.',
    group: 'kitchen',
    reads: ['actionable-commands'],
    writes: ['command-events'],
    statuses: ['ready'],
    code: 'cook',
  },
  {
    name: 'Mail',
    service: 'email',
    does: 'Sends one mail for each outcome. What the mail server has taken is noted, so that no repeat of the record sends it again.',
    group: 'confirmation-service',
    reads: ['order_confirm', 'order_declined'],
    writes: [],
    statuses: [],
    code: 'mail',
  },
  {
    name: 'Track',
    service: 'tracking',
    does: 'Reads all of these topics and folds them into what your order’s page shows, in whichever sequence they come.',
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
    code: 'track',
  },
]
