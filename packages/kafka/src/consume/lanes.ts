import type { Committer } from '../commit/committer.ts'
import { type Member, nameOf, type TopicPartition } from '../commit/store.ts'
import type { InputRecord } from '../record.ts'
import { checksBeforeStuck, watchdog } from '../watchdog.ts'
import { createLane, type Lane, type Part } from './lane.ts'
import type { AnyOptions } from './options.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

const usualConcurrency = 20

interface Watched {
  lane: Lane
  dog: ReturnType<typeof watchdog>
  /** What the lane waited for Kafka with, and what was in hand for longest, at the last look. */
  seen: { waitsFor?: string | undefined; oldest?: ReturnType<Lane['oldestInHand']> }
}

/** The partitions of a worker, as they are assigned to it. */
export function createLanes(
  {
    group,
    handle,
    ordered = true,
    concurrency = usualConcurrency,
    copartitioned = false,
    changelog,
    deadLetterTopic,
    maskCards,
    onCommitted,
    kafka: { log },
  }: AnyOptions,
  committer: Committer,
  told: Pick<WorkerMetrics, 'counted'>,
  onRoom: (lane: Lane) => void,
) {
  let own = new Map<string, Watched>()
  let parts = new Map<string, Part & { lane: Lane }>()
  let member: Member | undefined
  const keyOf = ({ key }: InputRecord) => (ordered && key ? key.toString('latin1') : undefined)
  const open = (partitions: TopicPartition[]): Watched => {
    const lane = createLane(partitions, {
      group,
      handle,
      changelog,
      concurrency,
      deadLetterTopic,
      maskCards,
      keyOf,
      log,
      onOutcome: told.counted,
      onCommitted,
      onNews: committer.wake,
      onRoom: () => onRoom(lane),
    })
    return { lane, dog: watchdog(checksBeforeStuck), seen: {} }
  }
  const nameOfLane = (at: TopicPartition) => (copartitioned ? String(at.partition) : nameOf(at))
  const all = () => [...own.values()].map(({ lane }) => lane)
  const outages = () =>
    all().flatMap(lane => {
      const why = lane.outage() ?? committer.outage(lane)
      return why ? [`${lane.name} ${why}`] : []
    })

  return {
    get: (at: TopicPartition) => parts.get(nameOf(at)),
    /** Keeps what is known of those that stay; a state only where nobody else can have had it in between. */
    assign: (assigned: TopicPartition[], by: Member): Lane[] => {
      const last = own
      const isNext = by.memberId === member?.memberId && by.generationId === member.generationId + 1
      const stays = isNext || !changelog
      member = by
      own = new Map()
      for (const [name, partitions] of Map.groupBy(assigned, nameOfLane))
        own.set(name, (stays && last.get(name)) || open(partitions))
      for (const [name, { lane }] of last) if (own.get(name)?.lane !== lane) lane.abandon()
      parts = new Map(all().flatMap(lane => lane.parts.map(part => [nameOf(part), { ...part, lane }])))
      return all()
    },
    pause: () => Promise.all(all().map(lane => lane.pause())),
    stop: () => Promise.all(all().map(lane => lane.stop())),
    outages,
    /** To be asked at an interval. @returns what takes too long, in words */
    stuck: (kafkaAnswers: boolean): string | undefined => {
      let stuck: string | undefined
      for (const { lane, dog, seen } of own.values()) {
        const waitsFor = committer.waitsFor(lane)
        const oldest = lane.oldestInHand()
        const isSameWait = kafkaAnswers && waitsFor !== undefined && waitsFor === seen.waitsFor
        const isSameTry = oldest !== undefined && oldest === seen.oldest
        seen.waitsFor = waitsFor
        seen.oldest = oldest
        if (!isSameWait && !isSameTry) dog.heard()
        else if (dog.isStuck())
          stuck ??= isSameTry
            ? `has stopped without a word: ${oldest.item.record.reference} does not end`
            : `can not commit ${lane.name}, though Kafka answers`
      }
      return stuck
    },
    all,
  }
}

/** One of the partitions that are to belong together, but of which not all were assigned. */
export const withoutCompany = (assigned: TopicPartition[], inputs: string[]): TopicPartition | undefined =>
  assigned.find(({ partition }) => {
    const company = assigned.filter(each => each.partition === partition)
    return inputs.some(input => !company.some(({ topic }) => topic === input))
  })
