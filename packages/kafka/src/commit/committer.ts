import { backoffMs } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { hasCause } from '../client.ts'
import type { Lane, LaneGathered, Part } from '../consume/lane.ts'
import { RecordTooLargeError, sizeOf } from '../producer.ts'
import type { Member, Store } from './store.ts'

/** Commits what lanes have done: whatever has gathered in all of them goes into one commit. */
export interface Committer {
  /** The lanes of this member of the group from now on. They begin when it is known where they are. */
  assign: (lanes: Lane[], member: Member) => void
  /** Asks again where the lanes are. */
  lookAgain: () => void
  /** There is something to commit: at once when nothing was lately, otherwise with what comes meanwhile. */
  wake: () => void
  /** Commits what there is. Resolves when that is done, or can't be until then, in ms since the epoch, or by this member. */
  flush: (until: number) => Promise<void>
  /** Why a lane's commits wait, in words. */
  outage: (lane: Lane) => string | undefined
  /** What a lane waits for: the same for as long as nothing of it is committed, or its take-over is refused. */
  waitsFor: (lane: Lane) => string | undefined
  stop: () => Promise<void>
}

interface Failure {
  attempt: number
  reason: string
  retryAt: number
  /** Whether the group has given this member up, or the partitions are being dealt out anew. */
  isReplaced: boolean
}

/** A commit waits as long for company, counted from the beginning of the last one, in ms: 12 or 13 a second at most. */
const gatherMs = 80
/** Who has to commit before a deadline tries again after so long at most, in ms. */
const longestPauseMs = 500
/** A commit takes in no more lanes once it has so many bytes, so that it ends before Kafka takes it for dead. */
const mostBytes = 8 * 1024 * 1024
/** Offsets alone that hold no records are in no hurry. */
const passMs = 1_000

export function createCommitter({
  store,
  log,
  onChange,
  onNewTopic,
  restore = async () => {},
  mayBegin,
  onReplaced,
}: {
  store: Store
  log: Logger
  onChange: () => void
  /** A topic was deleted and made again: its part of a lane is to be read from its beginning, when this resolves. */
  onNewTopic: (part: Part) => Promise<void>
  /** Restores lanes that have not their state yet, when all that others have done of it is decided, or on its way. */
  restore?: (lanes: Lane[]) => Promise<void>
  /** Whether lanes may handle records: not from when this member is to give them up until it has joined again. */
  mayBegin: () => boolean
  /** The group has given this member up, or deals the partitions out anew: lanes begin nothing until it is one again. */
  onReplaced: () => void
}): Committer {
  let lanes: Lane[] = []
  let member: Member | undefined
  /** Counts what makes an answer to the question where lanes are out of date. */
  let looks = 0
  let mustTakeOver = false
  let takeOvers = 0
  /** All times are on the clock of `performance.now()`, which no correction of the time sets back. */
  let lastBegun = Number.NEGATIVE_INFINITY
  let hasNews = false
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let turning: Promise<void> | undefined
  let isStopped = false
  /** Why nothing could be committed when it was tried last. */
  let failure = undefined as Failure | undefined
  /** Lanes whose own outputs may be why a commit of all failed: each is committed by itself until that works. */
  const suspects = new Map<Lane, Failure>()
  const committing = new Set<Lane>()
  const commits = new WeakMap<Lane, number>()
  let isRestoring = false
  /** Why the state of lanes could not be read when it was tried last. */
  let restoreFailure: Failure | undefined
  /** Whose turn is first, as the last commit had no room for it. */
  let leftOut: Lane | undefined

  const takeOver = async () => {
    for (;;) {
      const seen = looks
      const parts = lanes.flatMap(lane => lane.parts)
      const positions = parts.length > 0 ? await store.positions(parts, member) : []
      if (seen !== looks) continue
      const committed = new Map(parts.map((part, index) => [part, positions[index]]))
      for (const lane of lanes) {
        const anew = lane.parts.filter(part => !committed.get(part) && part.wasCommitted())
        if (anew.length > 0) void lane.pause()
        for (const part of anew) await onNewTopic(part)
      }
      if (seen !== looks) continue
      mustTakeOver = false
      takeOvers += 1
      for (const lane of lanes)
        lane.begin(
          lane.parts.map(part => committed.get(part)),
          mayBegin(),
        )
      void restoreLanes()
      return
    }
  }

  /** Others go on meanwhile. A lane that has its state begins when it was looked again where it is. */
  const restoreLanes = async () => {
    const bare = lanes.filter(lane => !lane.isRestored())
    if (isRestoring || bare.length === 0) return
    isRestoring = true
    try {
      await restore(bare)
      restoreFailure = undefined
    } catch (error) {
      restoreFailure = failureOf(error, (restoreFailure?.attempt ?? 0) + 1)
      log.warn(
        { attempt: restoreFailure.attempt, err: error },
        'a state can not be read now, and it is tried again',
      )
      await wait(restoreFailure.retryAt - performance.now())
    }
    isRestoring = false
    lookAgain()
  }
  const lookAgain = () => {
    looks += 1
    mustTakeOver = true
    schedule()
  }

  const gather = (which: Lane[]) => {
    const first = leftOut ? Math.max(0, which.indexOf(leftOut)) : 0
    const work: { lane: Lane; gathered: LaneGathered }[] = []
    leftOut = undefined
    let bytes = 0
    for (const lane of [...which.slice(first), ...which.slice(0, first)]) {
      if (bytes > mostBytes) {
        leftOut = lane
        break
      }
      const gathered = lane.gather()
      if (gathered) work.push({ lane, gathered })
      for (const output of gathered?.outputs ?? []) bytes += sizeOf(output)
    }
    return work
  }

  const commit = async (which: Lane[]): Promise<void> => {
    const work = gather(which)
    if (work.length === 0) return
    lastBegun = performance.now()
    for (const { lane } of work) committing.add(lane)
    const by = member
    try {
      await store.commit(
        work.flatMap(({ gathered }) => gathered.outputs),
        work.flatMap(({ gathered }) =>
          gathered.done.map(({ topic, partition, progress }) => ({ topic, partition, progress })),
        ),
        by,
      )
    } catch (error) {
      mustTakeOver = true
      const involved = work.map(({ lane }) => lane)
      for (const lane of involved) lane.notCommitted()
      // It has joined again meanwhile, as another one.
      if (isReplaced(error) && by !== member) return
      if (error instanceof RecordTooLargeError) {
        const refused = new Set(error.records)
        log.warn({ lanes: involved.map(({ name }) => name), err: error }, 'what is too large is set aside')
        for (const { lane, gathered } of work) {
          if (!gathered.outputs.some(output => refused.has(output))) continue
          if (lane.setAside(refused) === 'as it was') suspect(lane, error)
        }
        return
      }
      if (!isOfItsOwn(error)) throw error
      for (const lane of involved) suspect(lane, error, involved.length > 1)
      return
    } finally {
      committing.clear()
    }
    for (const { lane, gathered } of work) {
      commits.set(lane, (commits.get(lane) ?? 0) + 1)
      suspects.delete(lane)
      lane.committed(gathered)
    }
  }

  const suspect = (lane: Lane, error: unknown, isNew = false) => {
    const attempt = (suspects.get(lane)?.attempt ?? 0) + (isNew ? 0 : 1)
    const failed = failureOf(error, attempt)
    if (attempt > 0)
      log.warn(
        { lane: lane.name, attempt, err: error },
        'what a partition brings is not taken, and is tried again',
      )
    suspects.set(lane, isNew ? { ...failed, retryAt: 0 } : failed)
  }

  /** Does all that is due. Never rejects. */
  const turn = async () => {
    try {
      if (mustTakeOver) await takeOver()
      hasNews = false
      await commit(lanes.filter(lane => !suspects.has(lane)))
      for (const [lane, { retryAt }] of suspects) {
        if (retryAt > performance.now()) continue
        if (mustTakeOver) await takeOver()
        if (lanes.includes(lane)) await commit([lane])
        else suspects.delete(lane)
      }
      failure = undefined
    } catch (error) {
      mustTakeOver = true
      failure = failureOf(error, (failure?.attempt ?? 0) + 1)
      log.warn(
        { attempt: failure.attempt, err: error },
        'nothing can be committed now, and it is tried again',
      )
      if (failure.isReplaced) {
        onReplaced()
        for (const lane of lanes) void lane.pause()
      }
    }
    onChange()
  }
  const run = (): Promise<void> => {
    clearTimeout(timer)
    timerAt = Number.POSITIVE_INFINITY
    turning ??= turn().finally(() => {
      turning = undefined
      schedule()
    })
    return turning
  }

  const nextTurn = (): number => {
    if (failure) return failure.retryAt
    if (mustTakeOver) return 0
    let at = Number.POSITIVE_INFINITY
    for (const { retryAt } of suspects.values()) at = Math.min(at, retryAt)
    if (lanes.some(lane => !suspects.has(lane) && lane.isUrgent())) return Math.min(at, lastBegun + gatherMs)
    return hasNews ? Math.min(at, lastBegun + passMs) : at
  }
  const schedule = () => {
    if (turning || isStopped) return
    const at = nextTurn()
    if (at >= timerAt) return
    clearTimeout(timer)
    timerAt = at
    timer = setTimeout(() => void run(), Math.max(0, at - performance.now()))
  }

  return {
    assign: (own, by) => {
      lanes = own
      member = by
      looks += 1
      mustTakeOver = true
      // What they know may be old: others may have had them where kafkajs began anew without a word.
      for (const lane of own) void lane.pause()
      if (failure) failure = { ...failure, retryAt: 0 }
      schedule()
    },
    lookAgain,
    wake: () => {
      hasNews = true
      schedule()
    },
    flush: async until => {
      const end = performance.now() + until - Date.now()
      const byThen = (work: Promise<unknown>) => earlier(work, end - performance.now())
      if (turning) await byThen(turning)
      while (lanes.some(lane => lane.isUrgent()) && performance.now() < end) {
        await byThen(run())
        if (failure?.isReplaced) return
        if (failure || suspects.size > 0)
          await byThen(wait(Math.min(nextTurn() - performance.now(), longestPauseMs)))
      }
    },
    outage: lane => {
      const general = lane.isUrgent() || !lane.hasBegun() ? failure : undefined
      const known = suspects.get(lane) ?? general ?? (lane.isRestored() ? undefined : restoreFailure)
      return known && known.attempt > 0 ? `waits after try ${known.attempt}: ${known.reason}` : undefined
    },
    waitsFor: lane => {
      if (mustTakeOver) return `take-over ${takeOvers}`
      return lane.isUrgent() || committing.has(lane) ? `commit ${commits.get(lane) ?? 0}` : undefined
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await turning
      await store.close()
    },
  }
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, Math.max(0, ms)))

/** Resolves with `work`, or after so long. */
async function earlier(work: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work, late.promise])
  clearTimeout(timer)
}

const failureOf = (error: unknown, attempt: number): Failure => ({
  attempt,
  reason: error instanceof Error ? error.message : String(error),
  retryAt: performance.now() + backoffMs(attempt),
  isReplaced: isReplaced(error),
})

const replaced = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
])

const isReplaced = (error: unknown) => hasCause(error, ({ type }) => replaced.has(String(type)))

/** What Kafka says of some outputs or of one commit, and not of itself. */
const ofItsOwn = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
  'OFFSET_METADATA_TOO_LARGE',
])
/** An output that no client could write is a fault of its handler. */
const isOfItsOwn = (error: unknown) =>
  hasCause(
    error,
    each => ofItsOwn.has(String(each.type)) || each instanceof TypeError || each instanceof RangeError,
  )
