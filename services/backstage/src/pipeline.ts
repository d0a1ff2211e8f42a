import type { Pipeline } from 'kafka-restaurants-contracts'

/** One look at the cluster. */
export interface Look {
  /** In ms, by any clock that only goes on. */
  at: number
  /** How many offsets each topic has given out, by its name. */
  ends: Record<string, number>
  groups: Pipeline['groups']
}

/** Over so many ms a rate is told: shorter it jumps, longer it lags behind. */
const windowMs = 5_000

/** The looks that a rate is told by, the newest last, once there is a new one. */
export const recent = (looks: readonly Look[], next: Look): Look[] => [
  ...looks.filter(({ at }) => next.at - at <= windowMs),
  next,
]

/**
 * What is shown of the cluster by the looks at it, oldest first. Rates come of the offsets: those of a topic that is written
 * by transactions count the marker at the end of each, too.
 */
export function pipelineOf(looks: readonly Look[]): Pipeline {
  const [first] = looks
  const last = looks.at(-1)
  if (!first || !last) return { topics: [], groups: [] }
  const seconds = (last.at - first.at) / 1_000
  const topics = Object.entries(last.ends).map(([name, end]) => {
    const more = Math.max(0, end - (first.ends[name] ?? end))
    return { name, perSecond: seconds > 0 ? Math.round((more / seconds) * 10) / 10 : undefined }
  })
  return { topics, groups: last.groups }
}
