import { z } from 'zod'

const count = z.int().nonnegative()
/** What names all dead letters of a topic that were set aside for the same reason. */
export const DeadLetterGroupId = z.string().regex(/^[\w-]{16}$/, 'must be the id of a group')
/** Where a dead letter is: `order.dead-letters-3@17`. */
export const DeadLetterId = z
  .string()
  .max(300)
  .regex(/^[\w.-]+-\d{1,9}@\d{1,18}$/, 'must be an id such as order.dead-letters-3@17')

const DeadLetterGroup = z.object({
  id: DeadLetterGroupId,
  topic: z.string().meta({ description: 'what they are dead letters of' }),
  reason: z.string().meta({ description: 'its beginning, with what is personal hidden' }),
  count,
  oldestAt: z.string(),
  newestAt: z.string(),
})

/** `GET /groups` of the dead-letter desk: what is open, by topic and reason. */
export const DeadLetterGroups = z.object({
  topics: z.array(
    z.object({
      topic: z.string(),
      open: count.meta({ description: 'how many the desk has read' }),
      unread: count.meta({
        description: 'about how many more there are: they are read when others are dealt with',
      }),
    }),
  ),
  groups: z.array(DeadLetterGroup).meta({ description: 'the largest first' }),
  left: z.object({ groups: count, letters: count }).meta({ description: 'what is not in this list' }),
})
export type DeadLetterGroups = z.infer<typeof DeadLetterGroups>

const DeadLetterLine = z.object({
  id: DeadLetterId,
  at: z.string().meta({ description: 'when it was set aside, ISO 8601' }),
  source: z.string().meta({ description: 'where it came from, such as order-3@42' }),
  attempts: count,
  redriven: count.meta({ description: 'how often it was sent back before' }),
  isWhole: z.boolean().meta({ description: 'false where a card number was masked or something was cut' }),
})

/** `GET /groups/{id}`: the dead letters of a topic and reason, the oldest first. */
export const DeadLetterList = z.object({
  group: DeadLetterGroup,
  letters: z.array(DeadLetterLine),
  next: DeadLetterId.optional().meta({ description: 'give it as `after` for the next ones' }),
})
export type DeadLetterList = z.infer<typeof DeadLetterList>

/** `GET /letters/{id}`: one record in full, with what is personal hidden. */
export const DeadLetterRecord = DeadLetterLine.extend({
  topic: z.string(),
  group: DeadLetterGroupId.optional().meta({ description: 'where it is listed, while it is open' }),
  state: z.enum(['open', 'done', 'parked']),
  reason: z.string(),
  worker: z.string().meta({ description: 'the consumer group that could not handle it' }),
  cut: z.string().meta({ description: 'what is not in it as it came; empty where it is whole' }),
  key: z.string().nullable(),
  value: z.object({
    kind: z.enum(['none', 'text', 'bytes']),
    bytes: count,
    shown: z.string().meta({ description: 'text, or a hex dump' }),
    left: count.meta({ description: 'how many characters or bytes at its end are not shown' }),
  }),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
})
export type DeadLetterRecord = z.infer<typeof DeadLetterRecord>

/** So many are dealt with at once at most. */
export const mostDeadLettersAtOnce = 1_000

/** The body of `POST /redrive` and `POST /park`: one dead letter, or the oldest of a group. */
export const DeadLetterChoice = z.union([
  z.strictObject({ id: DeadLetterId }),
  z.strictObject({ group: DeadLetterGroupId, most: z.int().min(1).max(mostDeadLettersAtOnce) }),
])
export type DeadLetterChoice = z.infer<typeof DeadLetterChoice>

/** What somebody did, and what came of it. */
export const DeadLetterAct = z.object({
  id: z.string().meta({ description: 'its Idempotency-Key' }),
  act: z.enum(['redrive', 'park']),
  by: z.string(),
  at: z.string(),
  topic: z.string(),
  reason: z.string().optional().meta({ description: 'of all of a group' }),
  letter: DeadLetterId.optional().meta({ description: 'of one by itself' }),
  done: count,
  refused: z.array(z.object({ why: z.string(), count, ids: z.array(DeadLetterId) })).meta({
    description: 'by why, with the ids of some',
  }),
  left: count.meta({ description: 'how many of the group are open still' }),
})
export type DeadLetterAct = z.infer<typeof DeadLetterAct>
