import type { Pipeline } from 'kafka-restaurants-contracts'
import { type Look, pipelineOf, recent } from './pipeline.ts'

interface Parts {
  look: () => Promise<Look>
  /** Told after each look. */
  looked: () => void
  failed: (error: unknown) => void
  everyMs: number
}

/** The cluster, looked at once for all who watch, and not at all while nobody does. */
export interface ClusterWatch {
  /** @returns what ends it */
  begin: () => () => void
  /** What was seen; undefined where nothing was, or Kafka is away. */
  seen: () => Pipeline | undefined
  /** Looks by itself where nobody watches. */
  once: () => Promise<Pipeline>
}

export function watchCluster({ look, looked, failed, everyMs }: Parts): ClusterWatch {
  let watchers = 0
  let looks: Look[] = []
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const lookNow = () => {
    looking ??= look()
      .then(
        found => {
          looks = recent(looks, found)
        },
        error => {
          looks = []
          failed(error)
        },
      )
      .finally(() => {
        looking = undefined
        looked()
      })
    return looking
  }

  return {
    begin: () => {
      watchers += 1
      if (watchers === 1) {
        looks = []
        void lookNow()
        timer = setInterval(() => void lookNow(), everyMs)
      }
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        watchers -= 1
        if (watchers === 0) clearInterval(timer)
      }
    },
    seen: () => (looks.length > 0 ? pipelineOf(looks) : undefined),
    once: async () => pipelineOf(watchers > 0 && looks.length > 0 ? looks : [await look()]),
  }
}
