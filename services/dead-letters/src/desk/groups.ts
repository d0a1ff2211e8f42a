import { createHash } from 'node:crypto'
import type { DeadLetterGroups, DeadLetterList } from 'kafka-restaurants-contracts'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, sourceOf } from 'kafka-restaurants-kafka/dead-letters'
import { redactedReason } from './redact.ts'

/** All that share a topic and a reason; one object for all of them, as there may be very many. */
export interface GroupKey {
  id: string
  topic: string
  reason: string
}

/** What is kept in memory of an open dead letter. */
export interface Letter {
  key: GroupKey
  line: DeadLetterList['letters'][number]
}

export interface Group {
  key: GroupKey
  /** The oldest first. */
  letters: Letter[]
}

const longestReason = 300
const longestText = 100
const mostGroups = 100

/** Gives what is kept of records; those of the same topic and reason share their key. */
export function letterReader(): {
  keep: (record: InputRecord) => Letter
  forgetBut: (used: GroupKey[]) => void
} {
  let keys = new Map<string, GroupKey>()
  const keyOf = (topic: string, reason: string) => {
    const name = `${topic}\0${reason}`
    const known = keys.get(name)
    if (known) return known
    const id = createHash('sha256').update(name).digest('base64url').slice(0, 16)
    const key = { id, topic, reason }
    keys.set(name, key)
    return key
  }
  return {
    keep: record => {
      const { id, at, source, attempts, redriven, masked, cut, reason } = describe(record)
      return {
        key: keyOf(sourceOf(record.topic), shortened(redactedReason(reason), longestReason)),
        line: {
          id,
          at: shortened(at, longestText),
          source: shortened(source, 3 * longestText),
          attempts: wholeOr0(attempts),
          redriven: wholeOr0(redriven),
          isWhole: !masked && cut === '',
        },
      }
    },
    forgetBut: used => {
      keys = new Map(used.map(key => [`${key.topic}\0${key.reason}`, key]))
    },
  }
}

/** By id, the largest first. */
export function groupsOf(letters: readonly Letter[]): Map<string, Group> {
  const found = [...Map.groupBy(letters, ({ key }) => key)].map(([key, own]) => ({
    key,
    letters: own.toSorted((a, b) => compare(a.line.at, b.line.at)),
  }))
  const sorted = found.toSorted((a, b) => b.letters.length - a.letters.length)
  return new Map(sorted.map(group => [group.key.id, group]))
}

/** What `GET /groups` answers, however many there are: of one topic if it is given. */
export function groupsTold(
  groups: ReadonlyMap<string, Group>,
  topics: DeadLetterGroups['topics'],
  topic?: string,
): DeadLetterGroups {
  const all = [...groups.values()].filter(({ key }) => topic === undefined || key.topic === topic)
  const rest = all.slice(mostGroups)
  return {
    topics,
    groups: all.slice(0, mostGroups).map(groupTold),
    left: { groups: rest.length, letters: rest.reduce((sum, { letters }) => sum + letters.length, 0) },
  }
}

/** A page of a group: so many behind one of its letters, or from its beginning where that is not there any more. */
export function groupPage(group: Group, { after, limit }: { after?: string; limit: number }): DeadLetterList {
  const from = after === undefined ? 0 : group.letters.findIndex(({ line }) => line.id === after) + 1
  const letters = group.letters.slice(from, from + limit).map(({ line }) => line)
  const next = from + limit < group.letters.length ? letters.at(-1)?.id : undefined
  return { group: groupTold(group), letters, next }
}

const groupTold = ({ key, letters }: Group): DeadLetterList['group'] => ({
  ...key,
  count: letters.length,
  oldestAt: letters[0]?.line.at ?? '',
  newestAt: letters.at(-1)?.line.at ?? '',
})

const compare = (a: string, b: string) => {
  if (a === b) return 0
  return a < b ? -1 : 1
}
/** A copy: a part of a long text would keep all of that. */
const shortened = (text: string, most: number) =>
  text.length <= most ? text : Buffer.from(`${text.slice(0, most - 1)}…`).toString()
const wholeOr0 = (count: number) => (Number.isSafeInteger(count) && count > 0 ? count : 0)
