import { z } from 'zod'
import { kitchenDetails } from './details.ts'
import { OrderItem } from './orders.ts'

/** The longest name that a resource or a command can have, in characters. */
const longestId = 200

/**
 * What a resource or a command is called: it is a record's key, a part of a path, and a line of a log. Anything but
 * control characters, and blanks at its ends.
 */
export const QueueId = z
  .string()
  .min(1)
  .max(longestId)
  .refine(id => !/\p{Cc}/u.test(id), 'must have no control characters')
  .refine(id => id.isWellFormed(), 'must be text that can be written as UTF-8')
  .refine(id => id.trim() === id, 'must have no blanks at its ends')

/** The longest message of a command that a queue takes unless told otherwise, in KiB. */
export const longestMessageKiB = 64

/** A record of topic `command-requests`, whose key is the resource. What a message means is its reader's. */
export const CommandRequest = z
  .looseObject({ id: QueueId, message: z.string().min(1) })
  .meta({ examples: [{ id: 'order-1', message: 'two soups' }] })
export type CommandRequest = z.infer<typeof CommandRequest>

/** What whoever carries a command out tells of it: that it begins, is still at it, or has ended. */
export const CommandEventType = z.enum(['INITIALIZING', 'CONTINUING', 'TERMINATING'])
export type CommandEventType = z.infer<typeof CommandEventType>

/** The number of a start, which only grows for each resource: it comes with the command, and back with its events. */
const fence = z.int().nonnegative().meta({ description: 'the number that the command was started with' })

/** A record of topic `command-events`, whose key is the resource. With a fence, it counts for that start alone. */
export const CommandEvent = z.looseObject({
  id: QueueId,
  type: CommandEventType,
  message: z.string().optional(),
  fence: fence.optional(),
})
export type CommandEvent = z.infer<typeof CommandEvent>

/** On the same topic, by the queue itself: the lease of a command ran out, and its place went to the next one. */
export const ExpiredEvent = z.looseObject({ id: QueueId, type: z.literal('EXPIRED'), fence })
export type ExpiredEvent = z.infer<typeof ExpiredEvent>

/** A record of topic `actionable-commands`, whose key is the resource: this command is to be carried out now. */
export const ActionableCommand = z.looseObject({ id: QueueId, message: z.string(), fence })
export type ActionableCommand = z.infer<typeof ActionableCommand>

/** A record of topic `rejected-commands`, whose key is the resource. */
export const RejectedCommand = z.looseObject({ id: QueueId, message: z.string(), reason: z.string() })
export type RejectedCommand = z.infer<typeof RejectedCommand>

/** The answer to `POST /command`, `POST /command/{resourceId}` and `POST /event/{resourceId}/{commandId}`. */
export const CommandTaken = z.object({ resourceId: QueueId, commandId: QueueId })
export type CommandTaken = z.infer<typeof CommandTaken>

const none = (what: string) =>
  z
    .int()
    .nonnegative()
    .nullable()
    .meta({ description: `${what}; null for no limit` })

/** What a resource may have. */
export const ResourceLimits = z.object({
  semaphoreLimit: none('how many commands run at a time'),
  queueLimit: none('how many wait'),
  leaseMs: none('after how long without an event a command is taken for dead, in ms'),
})
export type ResourceLimits = z.infer<typeof ResourceLimits>

/** `GET /resources/{resourceId}`: who runs, and who waits in which place. */
export const QueuedResource = z.object({
  resourceId: QueueId,
  limits: ResourceLimits,
  running: z.array(
    z.object({
      id: QueueId,
      fence,
      startedAt: z.iso.datetime(),
      leaseUntil: z.iso.datetime().optional(),
    }),
  ),
  queued: z.array(z.object({ id: QueueId, place: z.int().min(1), requestedAt: z.iso.datetime() })),
})
export type QueuedResource = z.infer<typeof QueuedResource>

/**
 * The message of a paid order's command, as JSON: what the kitchen has to know. The command's id is the order's, its
 * resource the restaurant.
 */
export const CookingOrder = z.looseObject({
  restaurant: z.string().min(1),
  items: z.array(OrderItem.pick({ name: true, quantity: true })).default([]),
  placed_at: z.iso.datetime().optional(),
  ...kitchenDetails,
})
export type CookingOrder = z.infer<typeof CookingOrder>
