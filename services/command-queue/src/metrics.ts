import { counter, gauge, histogram, type Metrics, whenRead } from 'kafka-restaurants-service'
import type { Effect } from './decide.ts'
import type { ResourceOutline } from './stored-resource.ts'

/** Of so many queues at most each has its own line; of all others, which are shorter, there is one. */
export const mostNamed = 100
const others = 'other'

/** A queue as it is told. */
export interface Line {
  queue: string
  length: number
  running: number
  /** Infinite where nothing limits it. */
  limit: number
}

/** The longest by themselves, and all others as one. */
export function boundedLines(lines: Line[], most = mostNamed): Line[] {
  if (lines.length <= most) return lines
  const sorted = lines.toSorted((a, b) => b.length - a.length || b.running - a.running)
  const rest = sorted.splice(most)
  return [
    ...sorted,
    rest.reduce(
      (all, { length, running, limit }) => ({
        queue: others,
        length: all.length + length,
        running: all.running + running,
        limit: all.limit + limit,
      }),
      { queue: others, length: 0, running: 0, limit: 0 },
    ),
  ]
}

interface Seen {
  /** Of how many resources something is known. */
  count: () => number
  isKnown: (resourceId: string) => boolean
  outline: (resourceId: string) => ResourceOutline | undefined
  /** Whether this replica decides of it: each queue is told by one. */
  isOurs: (resourceId: string) => boolean
  limitOf: (resourceId: string) => number | null
}

/** What the command queue tells of its decisions, and of those queues that have something running or waiting. */
export function queueMetrics(metrics: Metrics, { count, isKnown, outline, isOurs, limitOf }: Seen) {
  const decided = counter(metrics, {
    name: 'command_queue_decisions_total',
    help: 'What was decided: START, REJECT, EXPIRE, or IGNORE with the reason',
    labelNames: ['decision', 'why'],
  })
  const waited = histogram(metrics, {
    name: 'command_queue_wait_seconds',
    help: 'Seconds that a command has waited in its line, once it may start',
    buckets: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600],
  })
  const resources = gauge(metrics, {
    name: 'command_queue_resources',
    help: 'Resources of which something is known',
  })
  whenRead(resources, () => resources.set(count()))
  const gaugeOf = (name: string, help: string) => gauge(metrics, { name, help, labelNames: ['queue'] })
  const own = `of the queues that this replica decides of and that are not idle, the ${mostNamed} longest by name and all others together as "${others}"`
  const length = gaugeOf('command_queue_length', `Commands that wait in line, ${own}`)
  const running = gaugeOf('command_queue_running', `Commands that have a place, ${own}`)
  const limit = gaugeOf('command_queue_limit', `How many commands may have a place at once, ${own}`)

  const active = new Map<string, ResourceOutline>()
  const changed = new Set<string>()
  /** Only what has changed since is read anew: there may be very many. */
  const lines = (): Line[] => {
    for (const id of changed) {
      const seen = outline(id)
      if (seen && (seen.waiting > 0 || seen.running > 0)) active.set(id, seen)
      else active.delete(id)
    }
    changed.clear()
    return [...active].flatMap(([queue, { waiting, running }]) =>
      isOurs(queue)
        ? [
            {
              queue,
              length: waiting,
              running,
              limit: limitOf(queue) ?? Number.POSITIVE_INFINITY,
            },
          ]
        : [],
    )
  }
  whenRead(length, () => {
    for (const each of [length, running, limit]) each.reset()
    for (const { queue, ...line } of boundedLines(lines())) {
      length.set({ queue }, line.length)
      running.set({ queue }, line.running)
      limit.set({ queue }, line.limit)
    }
  })

  return {
    changed: (resourceId: string) => {
      if (isKnown(resourceId)) return void changed.add(resourceId)
      changed.delete(resourceId)
      active.delete(resourceId)
    },
    decided: (effect: Effect) => {
      decided.inc({ decision: effect.type, why: effect.type === 'IGNORE' ? effect.why : '' })
      if (effect.type === 'START') waited.observe(Math.max(0, Date.now() - effect.requestedAt) / 1_000)
    },
  }
}
