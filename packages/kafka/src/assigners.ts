import { AssignerProtocol, type Cluster, type PartitionAssigner } from 'kafkajs'

const { MemberMetadata, MemberAssignment } = AssignerProtocol

/** A member of a group: the topics that it reads, and what it is given of them. */
interface Member {
  id: string
  topics: string[]
  share: Record<string, number[]>
}

/** Gives out the partitions of a topic among the members that read it. */
type Share = (topic: string, partitions: number[], readers: Member[]) => void

/**
 * Gives a member the same partitions of all topics, as far as these have as many as each other and the same members read
 * them.
 */
export const rangeAssigner: PartitionAssigner = assigner('range', range)

/**
 * Kafka's assignors, by the names that its clients give them: a group takes members only as long as they all know one
 * name. kafkajs has its round robin alone, under a name that no other client knows. That name stays, as the last: a
 * release that knew no other has to share its groups with the one that replaces it.
 *
 * Unlike that of kafkajs, ours give no member a topic that it does not read, and each member a share, be it an empty
 * one: other clients end at anything else.
 */
export const partitionAssigners: PartitionAssigner[] = [
  assigner('roundrobin', roundRobin),
  rangeAssigner,
  assigner('RoundRobinAssigner', roundRobin),
]

/** Each partition to the one that has the fewest: where all read the same topics, they take turns. */
function roundRobin(topic: string, partitions: number[], readers: Member[]): void {
  const load = new Map(readers.map(each => [each, Object.values(each.share).flat().length]))
  for (const partition of partitions) {
    const [reader, has] = [...load].reduce((least, each) => (each[1] < least[1] ? each : least))
    reader.share[topic] = [...(reader.share[topic] ?? []), partition]
    load.set(reader, has + 1)
  }
}

/** To each a range of the topic's partitions, to the first ones one more where it does not come out even. */
function range(topic: string, partitions: number[], readers: Member[]): void {
  const each = Math.floor(partitions.length / readers.length)
  const more = partitions.length % readers.length
  for (const [index, reader] of readers.entries()) {
    const start = index * each + Math.min(index, more)
    const own = partitions.slice(start, start + each + (index < more ? 1 : 0))
    if (own.length > 0) reader.share[topic] = own
  }
}

function assigner(name: string, share: Share): PartitionAssigner {
  const version = 0
  const userData = Buffer.alloc(0)
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({ name, metadata: MemberMetadata.encode({ version, topics, userData }) }),
    assign: async ({ members }) => {
      const all: Member[] = members
        .map(({ memberId, memberMetadata }) => ({
          id: memberId,
          topics: MemberMetadata.decode(memberMetadata)?.topics ?? [],
          share: {},
        }))
        .sort((one, other) => (one.id < other.id ? -1 : 1))
      const topics = [...new Set(all.flatMap(member => member.topics))].sort()
      await learn(cluster, topics)
      for (const topic of topics) {
        const partitions = partitionsOf(cluster, topic)
        const readers = all.filter(member => member.topics.includes(topic))
        share(topic, partitions, readers)
      }
      return all.map(({ id, share: assignment }) => ({
        memberId: id,
        memberAssignment: MemberAssignment.encode({ version, assignment, userData }),
      }))
    },
  })
}

const partitionsOf = (cluster: Cluster, topic: string) =>
  cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => partitionId)
    .sort((one, other) => one - other)

/** Other members may read topics that we don't. One that is not there, or not for us to see, has no partitions. */
async function learn(cluster: Cluster, topics: string[]): Promise<void> {
  // kafkajs's types don't say that it may be asked for topics.
  const metadata: (request: { topics: string[] }) => Promise<unknown> = cluster.metadata.bind(cluster)
  let known = topics.filter(topic => partitionsOf(cluster, topic).length > 0)
  for (const topic of topics.filter(each => !known.includes(each))) {
    const more = [...known, topic]
    await metadata({ topics: more }).then(
      () => {
        known = more
      },
      () => {},
    )
  }
}
