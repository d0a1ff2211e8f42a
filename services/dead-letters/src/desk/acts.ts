import {
  type DeadLetterAct,
  type DeadLetterChoice,
  deadLetterTopic,
  maskCardNumbers,
} from 'kafka-restaurants-contracts'
import { parseId, type Settled, sourceOf } from 'kafka-restaurants-kafka/dead-letters'
import { HttpProblem, type Logger } from 'kafka-restaurants-service'
import type { Group } from './groups.ts'
import type { Ask, DeskWatch, Seen } from './watch.ts'

type Act = DeadLetterAct['act']

interface Asked {
  act: Act
  choice: DeadLetterChoice
  /** Who asks. */
  by: string
  /** The same again is the same act: it is done once, and answered as before. */
  key: string
}

export interface DeskActs {
  /**
   * Redrives or parks. One act goes on at a time here; two desks at once are kept apart by Kafka.
   * @throws HttpProblem 404 where nothing of the group is open, 409 for a key of another act, 503 while Kafka is away
   */
  act: (asked: Asked) => Promise<DeadLetterAct>
  /** The last ones, the newest first. */
  recent: () => Promise<DeadLetterAct[]>
  /** When none goes on any more. */
  finished: () => Promise<unknown>
}

/** How often a record may be sent back before the desk says that it is to be parked: as for the command. */
const mostRedriven = 3
const mostRemembered = 100
const mostWaiting = 20
const mostIds = 20

interface Parts {
  watch: DeskWatch
  ask: Ask
  log: Logger
  now: () => Date
}

export function deskActs({ watch, ask, log, now }: Parts): DeskActs {
  const acts = new Map<string, { what: string; outcome: Promise<DeadLetterAct> }>()
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= mostWaiting)
      throw new HttpProblem(503, 'Others are at it', { headers: { 'Retry-After': '2' } })
    waiting += 1
    const mine = turn.then(work).finally(() => {
      waiting -= 1
    })
    turn = mine.catch(() => {})
    return mine
  }

  const perform = async ({ act, choice, by, key }: Asked): Promise<DeadLetterAct> => {
    const before = await watch.look()
    const group = groupOf(before, choice)
    if ('group' in choice && !group)
      throw new HttpProblem(404, 'Nothing of this group is open', {
        detail: 'Somebody has dealt with all of it.',
      })
    const ids =
      'id' in choice ? [choice.id] : (group?.letters ?? []).slice(0, choice.most).map(({ line }) => line.id)
    const at = now().toISOString()
    const settled = await ask(letters =>
      act === 'redrive' ? letters.redrive(ids, mostRedriven) : letters.park(ids),
    )
    const told = { act, by, topic: group?.key.topic ?? topicOf(ids[0]), reason: group?.key.reason }
    log.info(
      { ...told, key, ids, done: settled.done.length, refused: settled.refused },
      act === 'redrive' ? 'dead letters redriven' : 'dead letters parked',
    )
    const after = await watch.look().catch(() => before)
    return {
      id: key,
      ...told,
      reason: 'id' in choice ? undefined : told.reason,
      letter: 'id' in choice ? choice.id : undefined,
      at,
      done: settled.done.length,
      refused: byWhy(settled.refused),
      left: (group && after.groups.get(group.key.id)?.letters.length) ?? 0,
    }
  }

  return {
    act: asked => {
      const what = JSON.stringify([asked.act, asked.choice])
      const known = acts.get(asked.key)
      if (known && known.what !== what)
        throw new HttpProblem(409, 'The Idempotency-Key was used for something else')
      if (known) return known.outcome
      const outcome = inTurn(() => perform(asked))
      acts.set(asked.key, { what, outcome })
      for (const [key] of [...acts].slice(0, Math.max(0, acts.size - mostRemembered))) acts.delete(key)
      // What came to nothing may be tried again.
      outcome.catch(() => acts.delete(asked.key))
      return outcome
    },
    recent: async () => {
      const all = await Promise.allSettled([...acts.values()].map(({ outcome }) => soon(outcome)))
      return all.flatMap(each => (each.status === 'fulfilled' && each.value ? [each.value] : [])).toReversed()
    },
    finished: () => turn,
  }
}

/** What is settled already; who asks for the last acts does not wait for the one that goes on. */
const soon = <T>(outcome: Promise<T>): Promise<T | undefined> =>
  Promise.race([outcome, new Promise<undefined>(resolve => setImmediate(() => resolve(undefined)))])

function groupOf({ groups }: Seen, choice: DeadLetterChoice): Group | undefined {
  if ('group' in choice) return groups.get(choice.group)
  return [...groups.values()].find(({ letters }) => letters.some(({ line }) => line.id === choice.id))
}

function topicOf(id = ''): string {
  const topic = parseId(id)?.topic ?? ''
  return topic.endsWith(deadLetterTopic('')) ? sourceOf(topic) : topic
}

/** An error of Kafka's may say anything. */
const byWhy = (refused: Settled['refused']): DeadLetterAct['refused'] =>
  [...Map.groupBy(refused, ({ why }) => maskCardNumbers(why))].map(([why, same]) => ({
    why,
    count: same.length,
    ids: same.slice(0, mostIds).map(({ id }) => id),
  }))
