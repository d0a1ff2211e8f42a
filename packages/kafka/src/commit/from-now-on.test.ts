import { expect, it } from 'vitest'
import type { Progress } from '../progress.ts'
import { fromNowOn } from './from-now-on.ts'
import type { Done, Store, TopicPartition } from './store.ts'

const [a0, a1, b0] = [
  { topic: 'a', partition: 0 },
  { topic: 'a', partition: 1 },
  { topic: 'b', partition: 0 },
]
const at = (seenTo: bigint): Progress => ({ seenTo, open: [] })

/** A store of which a group has committed what it is told, over topic a, which ended at 7 when its worker was started. */
function storeWith(committed: (TopicPartition & { progress: Progress })[]) {
  const commits: Done[][] = []
  const sought: [TopicPartition, bigint][] = []
  const kept = new Map(committed.map(({ topic, partition, progress }) => [`${topic}${partition}`, progress]))
  const inner: Store = {
    positions: async asked => asked.map(({ topic, partition }) => kept.get(`${topic}${partition}`)),
    commit: async (_, done) => {
      commits.push(done)
      for (const { topic, partition, progress } of done) kept.set(`${topic}${partition}`, progress)
    },
    close: async () => {},
  }
  const store = fromNowOn(inner, {
    endOf: ({ topic }) => (topic === 'a' ? 7n : undefined),
    seek: (part, offset) => sought.push([part, offset]),
  })
  return { store, commits, sought, forget: () => kept.clear() }
}

it('what has no commit begins where it ended, and that is committed, and gone to, at once', async () => {
  const { store, commits, sought } = storeWith([{ ...a1, progress: at(3n) }])
  expect(await store.positions([a0, a1, b0])).toEqual([at(7n), at(3n), undefined])
  expect(commits).toEqual([[{ ...a0, progress: at(7n) }]])
  expect(sought).toEqual([[a0, 7n]])
  expect(await store.positions([a0, a1])).toEqual([at(7n), at(3n)])
  expect(commits).toHaveLength(1)
})

it('a topic that was made anew is read from its beginning', async () => {
  const { store, commits, forget } = storeWith([])
  await store.positions([a0])
  forget()
  expect(await store.positions([a0])).toEqual([undefined])
  expect(commits).toHaveLength(1)
})

it('what could not be committed is to be when it is asked for again', async () => {
  let tries = 0
  const away: Store = {
    positions: async () => [undefined],
    commit: async () => {
      tries += 1
      throw new Error('away')
    },
    close: async () => {},
  }
  const store = fromNowOn(away, { endOf: () => 7n, seek: () => {} })
  for (const attempt of [1, 2]) {
    await expect(store.positions([a0])).rejects.toThrow('away')
    expect(tries).toBe(attempt)
  }
})
