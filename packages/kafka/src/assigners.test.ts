import { AssignerProtocol, type Cluster, PartitionAssigners } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { partitionAssigners } from './assigners.ts'

const { MemberAssignment } = AssignerProtocol

/** A cluster that knows these topics of ours, and may be asked for others. */
function clusterOf(own: Record<string, number>, others: Record<string, number> = {}): Cluster {
  const known = new Map(Object.entries(own))
  return {
    findTopicPartitionMetadata: (topic: string) =>
      Array.from({ length: known.get(topic) ?? 0 }, (_, partitionId) => ({ partitionId })).reverse(),
    metadata: async ({ topics }: { topics: string[] }) => {
      for (const topic of topics.filter(each => !known.has(each))) {
        if (others[topic] === undefined) throw new Error(`there is no ${topic}`)
        known.set(topic, others[topic])
      }
    },
  } as unknown as Cluster
}

const text = (value: string) => {
  const length = Buffer.alloc(2)
  length.writeInt16BE(value.length)
  return Buffer.concat([length, Buffer.from(value)])
}
const int = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** What a member of Kafka's own client says (version 3): no user data, and behind it what it owned, its generation and rack. */
const subscription = (topics: string[]) =>
  Buffer.concat([
    Buffer.from([0, 3]),
    int(topics.length),
    ...topics.map(text),
    ...[int(-1), int(1), text('a'), int(1), int(0), int(7), Buffer.from([255, 255])],
  ])

async function shares(name: string, cluster: Cluster, members: Record<string, string[]>) {
  const assigners = partitionAssigners.map(each =>
    each({ cluster, groupId: 'g', logger: undefined as never }),
  )
  const assigned = await assigners
    .find(each => each.name === name)
    ?.assign({
      members: Object.entries(members).map(([memberId, topics]) => ({
        memberId,
        memberMetadata: subscription(topics),
      })),
      topics: [],
    })
  return Object.fromEntries(
    (assigned ?? []).map(({ memberId, memberAssignment }) => [
      memberId,
      { ...MemberAssignment.decode(memberAssignment)?.assignment },
    ]),
  )
}

describe('the names of our assignors', () => {
  it('are those of other clients first, and at last that of kafkajs, by which our earlier releases go', () => {
    const cluster = clusterOf({})
    const named = (assigner: (typeof partitionAssigners)[number]) =>
      assigner({ cluster, groupId: 'g', logger: undefined as never }).name
    expect(partitionAssigners.map(named)).toEqual([
      'roundrobin',
      'range',
      named(PartitionAssigners.roundRobin),
    ])
  })
})

describe('partitions', () => {
  it('go round robin to members that read the same', async () => {
    const both = { m1: ['a', 'b'], m2: ['a', 'b'] }
    expect(await shares('roundrobin', clusterOf({ a: 3, b: 3 }), both)).toEqual({
      m1: { a: [0, 2], b: [1] },
      m2: { a: [1], b: [0, 2] },
    })
  })

  it('go in ranges, the first members getting one more', async () => {
    const three = { m3: ['a', 'b'], m1: ['a', 'b'], m2: ['a', 'b'] }
    expect(await shares('range', clusterOf({ a: 5, b: 2 }), three)).toEqual({
      m1: { a: [0, 1], b: [0] },
      m2: { a: [2, 3], b: [1] },
      m3: { a: [4] },
    })
  })

  it.each([1, 2, 3, 4, 5])(
    'go in ranges that are the same of all topics, where %d members read all of them',
    async count => {
      const topics = ['answers', 'orders', 'zones']
      const members = Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, topics]))
      const given = await shares('range', clusterOf({ answers: 4, orders: 4, zones: 4 }), members)
      for (const share of Object.values(given))
        expect([share.orders, share.zones]).toEqual([share.answers, share.answers])
      expect(Object.values(given).flatMap(share => share.orders ?? [])).toEqual([0, 1, 2, 3])
    },
  )

  it.each(['roundrobin', 'range', 'RoundRobinAssigner'])(
    'by %s go to nobody that does not read their topic, and who gets none is told so',
    async name => {
      const members = {
        first: ['order_confirm'],
        ours: ['order_confirm', 'order_declined'],
        third: ['order_declined'],
      }
      const given = await shares(name, clusterOf({ order_confirm: 1, order_declined: 2 }), members)
      expect(Object.keys(given)).toEqual(['first', 'ours', 'third'])
      expect(given.first).toEqual({ order_confirm: [0] })
      expect(
        [given.ours?.order_declined, given.third?.order_declined].flat().filter(Number.isInteger).sort(),
      ).toEqual([0, 1])
      expect(given.third).not.toHaveProperty('order_confirm')
      const few = await shares(name, clusterOf({ a: 1 }), { m1: ['a'], m2: ['a'] })
      expect(few).toEqual({ m1: { a: [0] }, m2: {} })
    },
  )

  it('of topics that only others read are theirs, and a topic that is not there has none', async () => {
    const cluster = clusterOf({ a: 2 }, { theirs: 2 })
    const given = await shares('roundrobin', cluster, { m1: ['a'], m2: ['a', 'gone', 'theirs'] })
    expect(given.m2).toMatchObject({ theirs: [0, 1] })
    expect([given.m1?.a, given.m2?.a].flat().filter(Number.isInteger).sort()).toEqual([0, 1])
    expect(given.m2).not.toHaveProperty('gone')
  })
})
