import { commandTopics, topics } from 'kafka-restaurants-contracts'

/** A consumer group of the platform, and what it reads. */
export interface ReadingGroup {
  group: string
  reads: string[]
}

const { requests, actionable, events } = commandTopics
const { order, orderConfirm, orderDeclined } = topics

/** Those that an order passes, by the names that they have unless somebody gives them others. */
export const orderGroups: ReadingGroup[] = [
  { group: 'transaction-service', reads: [order] },
  { group: 'confirmation-service', reads: [orderConfirm, orderDeclined] },
  { group: 'command-queue', reads: [requests, events] },
  { group: 'kitchen', reads: [actionable] },
  {
    group: 'tracking-service',
    reads: [order, orderConfirm, orderDeclined, requests, actionable, events],
  },
]
