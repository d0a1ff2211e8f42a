import type { Lane, Part } from '../consume/lane.ts'
import type { Member, Store } from './store.ts'

/** The lanes that a worker has, as which member of the group. */
export interface Held {
  lanes: Lane[]
  member: Member | undefined
}

/** Finds out where lanes are, and has them begin there. */
export interface TakeOver {
  /** Where the lanes are is to be asked, again if it is being asked. */
  ask: () => void
  isDue: () => boolean
  /** How often lanes have begun. */
  count: () => number
  /** @returns the lanes that have begun */
  run: (held: Readonly<Held>) => Promise<Lane[]>
}

export function createTakeOver({
  store,
  onNewTopic,
  mayBegin,
}: {
  store: Store
  /** A topic was deleted and made again, or a store: its part of a lane is to be read from its beginning, when this resolves. */
  onNewTopic: (part: Part) => Promise<void>
  /** Whether lanes may handle records. */
  mayBegin: () => boolean
}): TakeOver {
  /** Counts what makes an answer out of date. */
  let asked = 0
  let isDue = false
  let count = 0

  /** @returns the lanes that have begun; undefined where the answer was out of date when it came */
  const look = async ({ lanes, member }: Readonly<Held>): Promise<Lane[] | undefined> => {
    const seen = asked
    const parts = lanes.flatMap(lane => lane.parts)
    const positions = parts.length > 0 ? await store.positions(parts, member) : []
    if (seen !== asked) return undefined
    const committed = new Map(parts.map((part, index) => [part, positions[index]]))
    for (const lane of lanes) {
      const isToStartOver = (part: Part) =>
        part.wasCommitted() || (store.startsOver === true && part.toRead() === undefined)
      const anew = lane.parts.filter(part => !committed.get(part) && isToStartOver(part))
      if (anew.length > 0) void lane.pause()
      for (const part of anew) await onNewTopic(part)
    }
    if (seen !== asked) return undefined
    isDue = false
    count += 1
    for (const lane of lanes) {
      const places = lane.parts.map(part => committed.get(part))
      lane.begin(places, mayBegin())
    }
    return lanes
  }

  return {
    ask: () => {
      asked += 1
      isDue = true
    },
    isDue: () => isDue,
    count: () => count,
    run: async held => {
      for (;;) {
        const begun = await look(held)
        if (begun) return begun
      }
    },
  }
}
