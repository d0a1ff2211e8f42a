import { createHeap, createTimer } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import { dueAt, type Reminder, remindersOf } from '../clock.ts'
import type { AllLimits } from '../limits.ts'
import type { Running } from '../running.ts'
import type { ResourceOutline } from '../stored-resource.ts'

/** How long others leave it to the replica that has a resource to be reminded of it, in ms. */
const othersWaitMs = 2_000
/** After how long a reminder is written again that has changed nothing, in ms. */
const againMs = 5_000
/** How many reminders are being written at most; what is due waits its turn. */
const mostInHand = 1_000

interface Look {
  id: string
  at: number
  /** Whether those who have not the resource wait for who has, or tell it, too. */
  others: 'wait' | 'tell'
}

/** Reminds the queue of what is due, by records of its own. */
export interface Reminders {
  /** A resource has changed. */
  changed: (resourceId: string) => void
  stop: () => void
}

/**
 * Every replica knows what is due. The one that has the resource says so at once, and the others later, if it still is.
 * What is said twice is decided once.
 */
export function reminders({
  get,
  running,
  isOurs,
  limits,
  tell,
  log,
}: {
  get: (resourceId: string) => ResourceOutline | undefined
  running: (resourceId: string) => readonly Running[]
  isOurs: (resourceId: string) => boolean
  limits: () => AllLimits
  tell: (resourceId: string, reminder: Reminder) => Promise<void>
  log: Logger
}): Reminders {
  /** When each resource is looked at next: of several entries in the heap this one counts. */
  const nextLook = new Map<string, Look>()
  const heap = createHeap<Look>((a, b) => a.at < b.at)
  let isStopped = false
  let inHand = 0
  /** Whether the last one that ended was not written: an outage is told once. */
  let isFailing = false

  const plan = (next: Look) => {
    nextLook.set(next.id, next)
    heap.push(next)
  }
  const schedule = () => {
    const isFull = inHand >= mostInHand
    const at = isFull ? undefined : heap.first()?.at
    if (!isStopped) timer.set(at ?? Number.POSITIVE_INFINITY, Date.now())
  }
  const timer = createTimer(() => {
    const now = Date.now()
    for (let first = heap.first(); first && first.at <= now; first = heap.first()) {
      if (inHand >= mostInHand) break
      heap.shift()
      if (nextLook.get(first.id) !== first) continue
      nextLook.delete(first.id)
      look(first, now)
    }
    schedule()
  })
  const look = ({ id, others }: Look, now: number) => {
    const resource = get(id)
    if (!resource) return
    const own = limits()(id)
    const at = dueAt(resource, own)
    if (at > now) {
      if (Number.isFinite(at)) plan({ id, at, others: 'wait' })
    } else if (others === 'wait' && !isOurs(id)) plan({ id, at: now + othersWaitMs, others: 'tell' })
    else {
      plan({ id, at: now + againMs, others: 'tell' })
      for (const reminder of remindersOf(resource, () => running(id), own, now)) void write(id, reminder)
    }
  }
  const write = async (id: string, reminder: Reminder) => {
    inHand += 1
    try {
      await tell(id, reminder)
      isFailing = false
    } catch (err) {
      if (!isFailing) log.warn({ err, resourceId: id }, 'reminders can not be written; again soon')
      isFailing = true
    }
    inHand -= 1
    if (inHand === mostInHand - 1) schedule()
  }

  return {
    changed: id => {
      const resource = get(id)
      if (!resource) return void nextLook.delete(id)
      const at = dueAt(resource, limits()(id))
      if (at === Number.POSITIVE_INFINITY || (nextLook.get(id)?.at ?? Number.POSITIVE_INFINITY) <= at) return
      plan({ id, at, others: 'wait' })
      schedule()
    },
    stop: () => {
      isStopped = true
      timer.set(Number.POSITIVE_INFINITY, 0)
    },
  }
}
