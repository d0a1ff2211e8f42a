import { type FollowedTopics, followTopics, type KafkaConnection, partOfKey } from 'kafka-restaurants-kafka'
import type { Resource } from '../resource.ts'
import { type Running, runningOf } from '../running.ts'
import { type ResourceOutline, restoredResource, storedOutline, storedRunning } from '../stored-resource.ts'

/** What every replica knows of every resource, a moment after it was decided by whichever. */
export interface Views extends FollowedTopics {
  get: (resourceId: string) => Resource | undefined
  outline: (resourceId: string) => ResourceOutline | undefined
  /** Who has a place of it. */
  running: (resourceId: string) => readonly Running[]
  /** The partition of a resource, of which something is known. */
  partitionOf: (resourceId: string) => number | undefined
  /** The resources of which something is known, in the order of their ids, from behind one of them. */
  ids: (after?: string) => string[]
  count: () => number
  /** Has `hear` hear of each resource that changes. @returns what ends it */
  onChange: (hear: (resourceId: string) => void) => () => void
}

interface View {
  partition: number
  /** As they are stored: a replica that shows all of them keeps no more. */
  parts: Map<string, string>
}

export function views(kafka: KafkaConnection, { topic, group }: { topic: string; group: string }): Views {
  const all = new Map<string, View>()
  const listeners = new Set<(resourceId: string) => void>()
  const viewOf = (resourceId: string, partition: number): View => {
    const view: View = all.get(resourceId) ?? { partition, parts: new Map() }
    all.set(resourceId, view)
    return view
  }
  const followed = followTopics(kafka, {
    topics: [topic],
    group,
    see: records => {
      const changed = new Set<string>()
      for (const { key, value, isTombstone, partition } of records) {
        const { key: name, part } = partOfKey(String(key))
        const { parts } = viewOf(name, partition)
        if (isTombstone) parts.delete(part)
        else parts.set(part, String(value))
        if (parts.size === 0) all.delete(name)
        changed.add(name)
      }
      for (const hear of listeners) changed.forEach(hear)
    },
  })
  /** Its pages are written before or behind its head, and may be seen without it. */
  const readHead = <T>(resourceId: string, read: (head: string, view: View) => T): T | undefined => {
    const view = all.get(resourceId)
    const head = view?.parts.get('')
    if (!view || head === undefined) return undefined
    try {
      return read(head, view)
    } catch (err) {
      kafka.log.error({ err, resourceId }, 'a resource can not be shown')
      all.delete(resourceId)
      return undefined
    }
  }
  return {
    ...followed,
    get: resourceId => readHead(resourceId, (_head, { parts }) => restoredResource(parts)),
    outline: resourceId => readHead(resourceId, storedOutline),
    running: resourceId =>
      readHead(resourceId, (head, { parts }) => runningOf(storedRunning(head, parts))) ?? [],
    partitionOf: resourceId => all.get(resourceId)?.partition,
    ids: (after = '') => [...all.keys()].filter(id => id > after).sort(),
    count: () => all.size,
    onChange: hear => {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
  }
}
