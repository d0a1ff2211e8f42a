import type { Logger } from 'kafka-restaurants-service'
import type { Lane, LaneGathered, Part } from '../consume/lane.ts'
import { RecordTooLargeError } from '../producer.ts'
import { type Failure, failureOf, isOfItsOwn, isReplaced } from './failure.ts'
import { createRestoring } from './restoring.ts'
import type { Member, Store } from './store.ts'
import { createSuspects } from './suspects.ts'
import { createTakeOver, type Held } from './take-over.ts'
import { createTurns, wait } from './turns.ts'

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
  /** How long the last commit took, in ms: what tells how busy Kafka and this process are. */
  lastedMs: () => number
  stop: () => Promise<void>
}

/** A commit waits as long for company, counted from the beginning of the last one, in ms: 12 or 13 a second at most. */
const usualGatherMs = 80
/** Where Kafka or this process is busy, a commit takes long, and they are made further apart: they take a quarter of the time. */
const lengthsApart = 4
/** But no further apart than this, in ms: nobody sees before what was handled since. */
const longestGatherMs = 400
/** Who has to commit before a deadline tries again after so long at most, in ms. */
const longestPauseMs = 500
/** A commit takes in no more lanes once it has so many bytes, so that it ends before Kafka takes it for dead. */
const mostBytes = 8 * 1024 * 1024
/** Offsets alone that hold no records are in no hurry. */
const passMs = 1_000

/** What a commit takes along. */
type Work = { lane: Lane; gathered: LaneGathered }[]

export function createCommitter({
  store,
  log,
  onCommitted,
  onNewTopic,
  restore = async () => {},
  mayBegin,
  onReplaced,
  gatherMs = usualGatherMs,
}: {
  store: Store
  log: Logger
  /** A commit is done, which had so many records. */
  onCommitted: (records: number) => void
  /** A topic was deleted and made again: its part of a lane is to be read from its beginning, when this resolves. */
  onNewTopic: (part: Part) => Promise<void>
  /** Restores lanes that have not their state yet, when all that others have done of it is decided, or on its way. */
  restore?: (lanes: Lane[]) => Promise<void>
  /** Whether lanes may handle records: not from when this member is to give them up until it has joined again. */
  mayBegin: () => boolean
  /** The group has given this member up, or deals the partitions out anew: lanes begin nothing until it is one again. */
  onReplaced: () => void
  /** How long a commit waits for company, counted from the beginning of the last one, in ms: 80 unless given. */
  gatherMs?: number | undefined
}): Committer {
  const held: Held = { lanes: [], member: undefined }
  /** Why nothing could be committed when it was tried last. */
  let failure: Failure | undefined
  let hasNews = false
  let lastBegun = Number.NEGATIVE_INFINITY
  let lastedMs = 0
  /** Whose turn is first, as the last commit had no room for it. */
  let leftOut: Lane | undefined
  const committing = new Set<Lane>()
  const commits = new WeakMap<Lane, number>()
  let allCommits = 0
  const suspects = createSuspects(log)
  const takeOver = createTakeOver({ store, onNewTopic, mayBegin })

  const lookAgain = () => {
    takeOver.ask()
    turns.schedule()
  }
  const restoring = createRestoring(restore, lookAgain, log)

  const beginWhereTheyAre = async () => {
    void restoring.run(await takeOver.run(held))
  }

  const commit = async (lanes: Lane[]): Promise<void> => {
    const { work, noRoom } = gather(lanes, leftOut, store.mostOutputs)
    leftOut = noRoom
    if (work.length === 0) return
    lastBegun = performance.now()
    for (const { lane } of work) committing.add(lane)
    const by = held.member
    try {
      await store.commit(...contentsOf(work), by)
    } catch (error) {
      notCommitted(work, error, by)
      return
    } finally {
      committing.clear()
    }
    lastedMs = performance.now() - lastBegun
    allCommits += 1
    onCommitted(recordsOf(work))
    for (const { lane, gathered } of work) {
      commits.set(lane, (commits.get(lane) ?? 0) + 1)
      suspects.remove(lane)
      lane.committed(gathered)
    }
  }

  /** @throws the error, where it is not one of what was to be committed */
  const notCommitted = (work: Work, error: unknown, by: Member | undefined) => {
    takeOver.ask()
    for (const { lane } of work) lane.notCommitted()
    const hasJoinedAgain = by !== held.member
    if (isReplaced(error) && hasJoinedAgain) return
    if (error instanceof RecordTooLargeError) return setAside(work, error)
    if (!isOfItsOwn(error)) throw error
    for (const { lane } of work) suspects.add(lane, error, work.length > 1)
  }

  const setAside = (work: Work, error: RecordTooLargeError) => {
    const refused = new Set(error.records)
    log.warn({ lanes: work.map(({ lane }) => lane.name), err: error }, 'what is too large is set aside')
    for (const { lane, gathered } of work) {
      if (!gathered.outputs.some(output => refused.has(output))) continue
      if (lane.setAside(refused) === 'as it was') suspects.add(lane, error)
    }
  }

  /** Does all that is due. Never rejects. */
  const turn = async () => {
    try {
      if (takeOver.isDue()) await beginWhereTheyAre()
      hasNews = false
      await commit(held.lanes.filter(lane => !suspects.failure(lane)))
      for (const lane of suspects.all()) {
        if (!suspects.isDue(lane)) continue
        if (takeOver.isDue()) await beginWhereTheyAre()
        if (held.lanes.includes(lane)) await commit([lane])
        else suspects.remove(lane)
      }
      failure = undefined
    } catch (error) {
      takeOver.ask()
      failure = failureOf(error, (failure?.attempt ?? 0) + 1)
      const { attempt } = failure
      log.warn({ attempt, err: error }, 'nothing can be committed now, and it is tried again')
      if (failure.isReplaced) {
        onReplaced()
        for (const lane of held.lanes) void lane.pause()
      }
    }
  }

  const stretchedMs = () => Math.min(lengthsApart * lastedMs, longestGatherMs)
  const nextTurn = (): number => {
    if (failure) return failure.retryAt
    if (takeOver.isDue()) return 0
    const at = suspects.nextAt()
    const isUrgent = held.lanes.some(lane => !suspects.failure(lane) && lane.isUrgent())
    if (isUrgent) return Math.min(at, lastBegun + Math.max(gatherMs, stretchedMs()))
    return hasNews ? Math.min(at, lastBegun + passMs) : at
  }
  const turns = createTurns(turn, nextTurn)

  return {
    assign: (own, by) => {
      held.lanes = own
      held.member = by
      takeOver.ask()
      // What they know may be old: others may have had them where kafkajs began anew without a word.
      for (const lane of own) void lane.pause()
      if (failure) failure = { ...failure, retryAt: 0 }
      turns.schedule()
    },
    lookAgain,
    wake: () => {
      hasNews = true
      turns.schedule()
    },
    flush: async until => {
      const end = performance.now() + until - Date.now()
      const byThen = (work: Promise<unknown>) => earlier(work, end - performance.now())
      const current = turns.current()
      if (current) await byThen(current)
      while (held.lanes.some(lane => lane.isUrgent()) && performance.now() < end) {
        await byThen(turns.run())
        if (failure?.isReplaced) return
        if (failure || suspects.count() > 0)
          await byThen(wait(Math.min(nextTurn() - performance.now(), longestPauseMs)))
      }
    },
    outage: lane => {
      const general = lane.isUrgent() || !lane.hasBegun() ? failure : undefined
      const known = suspects.failure(lane) ?? general ?? (lane.isRestored() ? undefined : restoring.failure())
      return known && known.attempt > 0 ? `waits after try ${known.attempt}: ${known.reason}` : undefined
    },
    waitsFor: lane => {
      if (takeOver.isDue()) return `take-over ${takeOver.count()}`
      if (!lane.isUrgent() && !committing.has(lane)) return undefined
      // What only its own outputs hold up is told, and no reason to end what the others do.
      return suspects.failure(lane) ? `any commit ${allCommits}` : `commit ${commits.get(lane) ?? 0}`
    },
    lastedMs: () => lastedMs,
    stop: async () => {
      await turns.stop()
      await store.close()
    },
  }
}

/**
 * What lanes have to commit, as much as fits.
 * @param first with whom to begin
 * @param mostOutputs no more lanes are taken in once there are so many
 * @returns also the first one that had no room
 */
function gather(
  lanes: Lane[],
  first: Lane | undefined,
  mostOutputs = Number.POSITIVE_INFINITY,
): { work: Work; noRoom: Lane | undefined } {
  const start = first ? Math.max(0, lanes.indexOf(first)) : 0
  const work: Work = []
  let [bytes, outputs] = [0, 0]
  for (const lane of [...lanes.slice(start), ...lanes.slice(0, start)]) {
    if (bytes > mostBytes || outputs >= mostOutputs) return { work, noRoom: lane }
    const gathered = lane.gather()
    if (!gathered) continue
    work.push({ lane, gathered })
    bytes += gathered.bytes
    outputs += gathered.outputs.length
  }
  return { work, noRoom: undefined }
}

const recordsOf = (work: Work) =>
  work.reduce((sum, { gathered }) => gathered.done.reduce((all, { outputs }) => all + outputs.size, sum), 0)

/** The outputs of a commit, and the progress of its partitions. */
const contentsOf = (work: Work) =>
  [
    work.flatMap(({ gathered }) => gathered.outputs),
    work.flatMap(({ gathered }) =>
      gathered.done.map(({ topic, partition, progress }) => ({ topic, partition, progress })),
    ),
  ] as const

/** Resolves with `work`, or after so long. */
async function earlier(work: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work, late.promise])
  clearTimeout(timer)
}
