import kafkajs, { type ICustomPartitioner, type Message } from 'kafkajs'

/**
 * Places records as kafkajs and the Java client do: by the murmur2 of their keys. A record without a key gets any
 * partition, but the same one each time that it is sent. kafkajs alone would choose another one for each try: a broker
 * tells a repeat by its partition's sequence numbers, and so would take the record twice where its first answer was lost.
 */
export const steadyPartitioner: ICustomPartitioner = () => {
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  const chosen = new WeakMap<Message, number>()
  return args => {
    const partition = chosen.get(args.message) ?? choose(args)
    chosen.set(args.message, partition)
    return partition
  }
}
