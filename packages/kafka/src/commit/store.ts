import { type Commit, commitOf, type Progress } from '../progress.ts'
import type { OutputRecord } from '../record.ts'

export interface TopicPartition {
  topic: string
  partition: number
}

/** Such as `order[0]`. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}[${partition}]`

/** Who commits, as its consumer group knows it: whoever was put in its place is refused (KIP-447). */
export interface Member {
  memberId: string
  generationId: number
}

/** How far a partition is. */
export interface Done extends TopicPartition {
  progress: Progress
}

/** Where results go, together with how far they bring the partitions that they come from: all of it, or nothing. */
export interface Store {
  /** Ends what was left open at this place by whoever was here before, where something can be. */
  begin?: () => Promise<void>
  /**
   * Where partitions are, in their order, as soon as nobody who had them before can change it any more; undefined where
   * nothing was committed. Called whenever partitions are assigned, and after each commit that failed.
   */
  positions: (partitions: TopicPartition[], member?: Member) => Promise<(Progress | undefined)[]>
  /**
   * Whether Kafka's own offsets of the group count for nothing, and a partition that the store knows nothing of is read from
   * its beginning.
   */
  startsOver?: boolean
  /** About how many outputs a commit has at most; as many as there are unless given. */
  mostOutputs?: number
  /** @throws RecordTooLargeError when a topic does not take some of the outputs */
  commit: (outputs: OutputRecord[], done: Done[], member: Member | undefined) => Promise<void>
  close: () => Promise<void>
}

/** The same by topic, as Kafka wants to have it. */
export function byTopic(done: Done[]): { topic: string; partitions: (Commit & { partition: number })[] }[] {
  const topics = new Map<string, (Commit & { partition: number })[]>()
  for (const { topic, partition, progress } of done) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({ partition, ...commitOf(progress) })
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
