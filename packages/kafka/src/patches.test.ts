import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

/** What patches/ changes in kafkajs, part by part. Each of these fails without its part. */
const inside = createRequire(import.meta.url)
const groupMessages = inside('kafkajs/src/producer/groupMessagesPerPartition.js')
const createSendMessages = inside('kafkajs/src/producer/sendMessages.js')
const ConsumerGroup = inside('kafkajs/src/consumer/consumerGroup.js')
const OffsetManager = inside('kafkajs/src/consumer/offsetManager/index.js')
const Runner = inside('kafkajs/src/consumer/runner.js')
const createFetchManager = inside('kafkajs/src/consumer/fetchManager.js')
const Cluster = inside('kafkajs/src/cluster/index.js')
const BrokerPool = inside('kafkajs/src/cluster/brokerPool.js')
const Connection = inside('kafkajs/src/network/connection.js')
const createRetry = inside('kafkajs/src/retry/index.js')
const createEosManager = inside('kafkajs/src/producer/eosManager/index.js')
const { createErrorFromCode } = inside('kafkajs/src/protocol/error.js')
const errors = inside('kafkajs/src/errors.js')
const Decoder = inside('kafkajs/src/protocol/decoder.js')
const decodeMessages = inside('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js')
const Batch = inside('kafkajs/src/consumer/batch.js')
const { RecordBatch } = inside('kafkajs/src/protocol/recordBatch/v0/index.js')
const Record = inside('kafkajs/src/protocol/recordBatch/record/v0/index.js')
const decodeRecord = inside('kafkajs/src/protocol/recordBatch/record/v0/decoder.js')
const crc32C = inside('kafkajs/src/protocol/recordBatch/crc32C/index.js')
const MessageSet = inside('kafkajs/src/protocol/messageSet/index.js')
const decodeMessageSet = inside('kafkajs/src/protocol/messageSet/decoder.js')

const nothing = () => {}
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, namespace: () => logger }
const retry = { retries: 4, initialRetryTime: 1, maxRetryTime: 1 }
const notLeader = 6
const tooLarge = 10

interface Batch {
  broker: number
  partition: number
  sequence: number
}

/** What a broker does with a batch: an error code, an error in place of an answer, or nothing: it takes it. */
type Does = (batch: Batch) => number | Error | undefined

/** A producer for a topic of brokers in memory. */
function producerFor(leaders: Record<number, number>, does: Does) {
  const appended: Batch[] = []
  const produce = async (broker: number, { topicData }: ProduceRequest) => {
    const given = topicData.flatMap(({ partitions }) => partitions)
    const partitions = given.map(({ partition, firstSequence }) => {
      const batch = { broker, partition, sequence: firstSequence }
      const outcome = does(batch)
      if (outcome === undefined) appended.push(batch)
      return { partition, outcome, baseOffset: '0' }
    })
    const lost = partitions.find(({ outcome }) => outcome instanceof Error)
    if (lost) throw lost.outcome
    const codes = partitions.map(({ partition, outcome }) => ({ partition, errorCode: Number(outcome ?? 0) }))
    const response = { topics: [{ topicName: 't', partitions: codes }] }
    const failed = codes.find(({ errorCode }) => errorCode !== 0)
    if (failed) throw Object.assign(createErrorFromCode(failed.errorCode), { response })
    return response
  }
  const brokers = [1, 2].map(nodeId => ({
    nodeId,
    produce: async (request: ProduceRequest) => {
      // The second one answers after the first.
      if (nodeId === 2) await new Promise(resolve => setImmediate(resolve))
      return produce(nodeId, request)
    },
  }))
  const sequences: Record<number, number> = {}
  const sendMessages = createSendMessages({
    logger,
    retrier: createRetry(retry),
    partitioner: ({ message }: { message: { partition: number } }) => message.partition,
    cluster: {
      refreshMetadataIfNecessary: nothing,
      refreshMetadata: nothing,
      addMultipleTargetTopics: nothing,
      removeBroker: nothing,
      isConnected: () => true,
      findTopicPartitionMetadata: () =>
        Object.entries(leaders).map(([id, leader]) => ({ partitionId: Number(id), leader })),
      findLeaderForPartitions: (_: string, partitions: string[]) =>
        Object.groupBy(
          partitions.map(Number).filter(partition => partition in leaders),
          partition => leaders[partition] ?? -1,
        ),
      findBroker: async ({ nodeId }: { nodeId: string }) => brokers[Number(nodeId) - 1],
    },
    eosManager: {
      isTransactional: () => false,
      acquireBrokerLock: nothing,
      releaseBrokerLock: nothing,
      getProducerId: () => 1,
      getProducerEpoch: () => 0,
      getSequence: (_: string, partition: number) => sequences[partition] ?? 0,
      updateSequence: (_: string, partition: number, count: number) => {
        sequences[partition] = (sequences[partition] ?? 0) + count
      },
    },
  })
  const messages = Object.keys(leaders).map(id => ({ value: `for ${id}`, partition: Number(id) }))
  return {
    appended,
    messages,
    send: () => sendMessages({ acks: -1, topicMessages: [{ topic: 't', messages }] }),
    /** The error of a send that fails. */
    failure: (): Promise<SendError> =>
      sendMessages({ acks: -1, topicMessages: [{ topic: 't', messages }] }).then(
        () => expect.fail('it was sent'),
        (error: SendError) => error,
      ),
  }
}

interface SendError {
  type: string
  unacknowledged: Map<object, { type?: string; cause: { type: string } }>
}

interface ProduceRequest {
  topicData: { partitions: { partition: number; firstSequence: number }[] }[]
}

describe('a send to several brokers', () => {
  it('sends what has moved to a broker that has answered before', async () => {
    const leaders = { 0: 1, 1: 2 }
    const { send, appended } = producerFor(leaders, ({ broker }) => {
      if (broker === 1) return undefined
      leaders[1] = 1
      return notLeader
    })
    await send()
    expect(appended).toEqual([
      { broker: 1, partition: 0, sequence: 0 },
      { broker: 1, partition: 1, sequence: 0 },
    ])
  })

  it('does not send again what was acknowledged, and has moved since', async () => {
    const leaders = { 0: 1, 1: 2 }
    let refusals = 1
    const { send, appended } = producerFor(leaders, ({ broker }) => {
      if (broker === 1 || refusals-- === 0) return undefined
      leaders[0] = 2
      return notLeader
    })
    await send()
    expect(appended).toEqual([
      { broker: 1, partition: 0, sequence: 0 },
      { broker: 2, partition: 1, sequence: 0 },
    ])
  })

  it('repeats under its own sequence what was written, but whose answer was lost', async () => {
    const leaders = { 0: 1 }
    const seen: Batch[] = []
    const { send } = producerFor(leaders, batch => {
      seen.push(batch)
      if (seen.length > 1) return undefined
      leaders[0] = 2
      return new errors.KafkaJSRequestTimeoutError('timed out')
    })
    await send()
    expect(seen).toEqual([
      { broker: 1, partition: 0, sequence: 0 },
      { broker: 2, partition: 0, sequence: 0 },
    ])
  })

  it('tells of each record why it was not taken, and of no other', async () => {
    const { failure, messages, appended } = producerFor({ 0: 1, 1: 1, 2: 2 }, ({ partition }) =>
      partition === 1 ? tooLarge : undefined,
    )
    const error = await failure()
    expect(error.type).toBe('MESSAGE_TOO_LARGE')
    expect([...error.unacknowledged]).toEqual([[messages[1], error]])
    expect(appended.map(({ partition }) => partition)).toEqual([0, 2])
  })

  it.each(['v0', 'v3'])(
    'hears of each partition in an answer of version %s, though one has an error',
    async version => {
      const { parse } = inside(`kafkajs/src/protocol/requests/produce/${version}/response.js`)
      const partitions = [0, tooLarge].map((errorCode, partition) => ({ partition, errorCode }))
      const answer = { topics: [{ topicName: 't', partitions }] }
      await expect(parse(answer)).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE', response: answer })
    },
  )

  it('does not let a record that is too large hide one whose partition has no leader', async () => {
    const { failure, messages } = producerFor({ 0: 1, 1: 1 }, ({ partition }) =>
      partition === 0 ? tooLarge : notLeader,
    )
    const error = await failure()
    const types = [...error.unacknowledged].map(([message, { type, cause }]) => [message, type ?? cause.type])
    expect(types).toEqual([
      [messages[0], 'MESSAGE_TOO_LARGE'],
      [messages[1], 'NOT_LEADER_FOR_PARTITION'],
    ])
  })

  it('tells of every record that it was not taken, where it fails before it knows their partitions', async () => {
    const { failure, messages } = producerFor({}, () => undefined)
    messages.push({ value: 'for nobody', partition: 0 })
    const error = await failure()
    expect([...error.unacknowledged]).toEqual([[messages[0], error]])
  })

  it('passes over no partition that its topic has lost since', async () => {
    const leaders: Record<number, number> = { 0: 1, 1: 1 }
    const { send } = producerFor(leaders, ({ partition }) => {
      if (partition === 0) return undefined
      delete leaders[1]
      return notLeader
    })
    await expect(send()).rejects.toThrow(/fewer partitions/)
  })
})

describe('a group whose coordinator has moved', () => {
  it('commits to the new one, though that did not let it join again yet', async () => {
    const calls: string[] = []
    const coordinator = (name: string, join: () => object) => ({
      isConnected: () => true,
      joinGroup: async () => join(),
      syncGroup: async () => ({ memberAssignment: Buffer.alloc(0) }),
      offsetCommit: async () => void calls.push(`commit to ${name}`),
      heartbeat: async () => void calls.push(`heartbeat to ${name}`),
    })
    let now = coordinator('the old one', () => joined)
    const group = groupOf(() => now)
    await group.joinAndSync()
    now = coordinator('the new one', () => {
      throw createErrorFromCode(14)
    })
    await expect(group.joinAndSync()).rejects.toThrow(/load/)
    await group.heartbeat({ interval: -1 })
    await group.commitOffsets({ topics: [{ topic: 't', partitions: [{ partition: 0, offset: '1' }] }] })
    expect(calls).toEqual(['heartbeat to the new one', 'commit to the new one'])
  })
})

describe('a group whose coordinator loads', () => {
  it('is joined as soon as that is over', async () => {
    let loading = 2
    const joins: string[] = []
    const coordinator = {
      isConnected: () => true,
      joinGroup: async () => {
        if (loading-- > 0) throw createErrorFromCode(14)
        return joined
      },
      syncGroup: async () => ({ memberAssignment: Buffer.alloc(0) }),
    }
    const group = groupOf(
      () => coordinator,
      name => joins.push(name),
    )
    await group.joinAndSync()
    expect(joins).toEqual(['consumer.group_join'])
  })
})

describe('a consumer that is stopped while it joins its group', () => {
  it.each(['the first time', 'again'])('%s, leaves, and does not fetch', async time => {
    const calls: string[] = []
    const gate = Promise.withResolvers<void>()
    const isAgain = time === 'again'
    let joins = 0
    const coordinator = {
      isConnected: () => true,
      joinGroup: async () => {
        joins += 1
        if (joins === (isAgain ? 2 : 1)) await gate.promise
        return joined
      },
      syncGroup: async () => {
        calls.push('sync')
        return { memberAssignment: Buffer.alloc(0) }
      },
      leaveGroup: async ({ memberId }: { memberId: string }) => void calls.push(`leave as ${memberId}`),
    }
    const group = groupOf(() => coordinator)
    group.connect = async () => {}
    group.getNodeIds = () => ['1']
    group.fetch = async () => {
      if (!isAgain) expect.fail('it fetches')
      throw createErrorFromCode(27) // the group rebalances
    }
    const crashes: unknown[] = []
    const runner = new Runner({
      logger,
      consumerGroup: group,
      instrumentationEmitter: { emit: nothing },
      concurrency: 1,
      retry,
      onCrash: (error: unknown) => crashes.push(error),
    })
    const started = runner.start()
    await vi.waitFor(() => expect(joins).toBe(isAgain ? 2 : 1))
    const stopped = runner.stop()
    gate.resolve()
    await Promise.all([started, stopped])
    expect(calls).toEqual([...(isAgain ? ['sync'] : []), 'leave as m'])
    expect(crashes).toEqual([])
  })
})

it('a commit that is tried again stays that of the member that began it', async () => {
  const calls: string[] = []
  const managerOf = (name: string) => ({
    commitOffsets: async () => {
      calls.push(name)
      group.offsetManager = managerOf('who has joined again')
      if (calls.length === 1) throw createErrorFromCode(14) // the coordinator is loading
    },
  })
  const group = { offsetManager: managerOf('who began') }
  const runner = new Runner({
    logger,
    consumerGroup: group,
    instrumentationEmitter: { emit: nothing },
    concurrency: 1,
    retry,
    onCrash: nothing,
  })
  runner.running = true
  await runner.commitOffsets({})
  expect(calls).toEqual(['who began', 'who began'])
})

describe('a member that joins its group again', () => {
  const rejoining = async (beforeRejoin: (calls: string[]) => Promise<void>) => {
    const calls: string[] = []
    const coordinator = {
      isConnected: () => true,
      joinGroup: async () => {
        calls.push('join')
        return joined
      },
      syncGroup: async () => ({ memberAssignment: Buffer.alloc(0) }),
      heartbeat: async () => {
        calls.push('heartbeat')
        throw createErrorFromCode(27) // the group rebalances
      },
      leaveGroup: async () => void calls.push('leave'),
    }
    const group = groupOf(() => coordinator, nothing, {
      heartbeatInterval: 1,
      beforeRejoin: () => beforeRejoin(calls),
    })
    await group.joinAndSync()
    expect(calls.splice(0)).toEqual(['join'])
    return { calls, group }
  }

  it('says so before, and does not stop for an error, nor join once for each who has noticed', async () => {
    const { calls, group } = await rejoining(async said => {
      said.push('before')
      throw new Error('which says nothing about the group')
    })
    await Promise.all([group.joinAndSync(), group.joinAndSync()])
    expect(calls).toEqual(['before', 'join'])
    await group.joinAndSync()
    expect(calls).toEqual(['before', 'join', 'before', 'join'])
  })

  it('does not look dead meanwhile, and is not spoken for afterwards', async () => {
    const { calls, group } = await rejoining(said =>
      vi.waitFor(() => expect(said.filter(call => call === 'heartbeat').length).toBeGreaterThan(2)),
    )
    await group.joinAndSync()
    await new Promise(resolve => setTimeout(resolve, 20)) // in which it would go on, if it did
    expect(new Set(calls)).toEqual(new Set(['heartbeat', 'join']))
    expect(calls.indexOf('join')).toBe(calls.length - 1)
  })

  it('does not speak for a member that the group has forgotten', async () => {
    const { calls, group } = await rejoining(async said => {
      said.push('before')
      await new Promise(resolve => setTimeout(resolve, 20)) // in which a known one is heard of many times
    })
    group.memberId = null
    await group.joinAndSync()
    expect(calls).toEqual(['before', 'join'])
  })

  it('leaves, where it is stopped meanwhile', async () => {
    const { calls, group } = await rejoining(async () => group.stopJoining())
    await expect(group.joinAndSync()).rejects.toThrow(/stopped/)
    await group.leave()
    expect(calls).toEqual(['leave'])
  })
})

describe('a partition that has another leader', () => {
  it.each([5, 6, 74, 75])('does not make its group rebalance (error %i)', async code => {
    const group = groupOf(() => expect.fail('it joins'))
    const refreshes = vi.spyOn(group.cluster, 'refreshMetadata')
    await group.recoverFromFetch(createErrorFromCode(code))
    expect(refreshes).toHaveBeenCalledTimes(1)
  })
})

describe('a transaction', () => {
  const transactional = async (fails: Record<string, (number | Error)[]>) => {
    const calls: string[] = []
    const lookedUp: string[] = []
    const answer = (request: string) => async () => {
      calls.push(request)
      const failure = fails[request]?.shift()
      if (failure) throw failure instanceof Error ? failure : createErrorFromCode(failure)
      return { producerId: 1, producerEpoch: 0 }
    }
    const requests = ['initProducerId', 'addPartitionsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn']
    const coordinator = {
      nodeId: 7,
      ...Object.fromEntries(requests.map(request => [request, answer(request)])),
    }
    const findGroupCoordinator = async ({ groupId }: { groupId: string }) => {
      lookedUp.push(groupId)
      return coordinator
    }
    const findBroker = async () => {
      const [failure] = fails.findBroker?.splice(0, 1) ?? []
      if (failure) throw failure
      return coordinator
    }
    const manager = createEosManager({
      logger,
      transactional: true,
      transactionalId: 'x',
      cluster: { retry, refreshMetadataIfNecessary: nothing, findGroupCoordinator, findBroker },
    })
    await manager.initProducerId()
    manager.beginTransaction()
    calls.length = 0
    lookedUp.length = 0
    return { calls, lookedUp, manager }
  }
  const offsets = { consumerGroupId: 'g', topics: [] }

  it('adds a group once, and again to the next one', async () => {
    const { calls, manager } = await transactional({})
    await manager.sendOffsets(offsets)
    await manager.sendOffsets(offsets)
    await manager.commit()
    expect(calls).toEqual(['addOffsetsToTxn', 'txnOffsetCommit', 'txnOffsetCommit', 'endTxn'])
    manager.beginTransaction()
    await manager.sendOffsets(offsets)
    expect(calls.slice(4)).toEqual(['addOffsetsToTxn', 'txnOffsetCommit'])
  })

  it('waits until the broker has completed the last one', async () => {
    const { calls, manager } = await transactional({ addOffsetsToTxn: [51, 51], addPartitionsToTxn: [51] })
    await manager.sendOffsets(offsets)
    await manager.addPartitionsToTransaction([{ topic: 't', partitions: [{ partition: 0 }] }])
    const asked = (request: string) => calls.filter(call => call === request).length
    expect(['addOffsetsToTxn', 'addPartitionsToTxn'].map(asked)).toEqual([3, 2])
  })

  it('asks the coordinators that it knows', async () => {
    const { lookedUp, manager } = await transactional({ addOffsetsToTxn: [51, 51] })
    await manager.sendOffsets(offsets)
    await manager.commit()
    manager.beginTransaction()
    await manager.sendOffsets(offsets)
    await manager.abort()
    expect(lookedUp).toEqual(['g'])
  })

  it('looks a coordinator up that has moved, and asks it the same', async () => {
    const { calls, lookedUp, manager } = await transactional({ addOffsetsToTxn: [16], endTxn: [15] })
    await manager.sendOffsets(offsets)
    await manager.commit()
    expect(calls).toEqual(['addOffsetsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn', 'endTxn'])
    expect(lookedUp).toEqual(['x', 'g', 'x'])
  })

  it('looks a coordinator up that has gone, or has not answered', async () => {
    const gone = new Error('ECONNREFUSED')
    const lost = new Error('the connection is closed')
    const { calls, lookedUp, manager } = await transactional({ findBroker: [gone], txnOffsetCommit: [lost] })
    await expect(manager.sendOffsets(offsets)).rejects.toThrow(lost)
    await manager.sendOffsets(offsets)
    expect(calls).toEqual(['addOffsetsToTxn', 'txnOffsetCommit', 'txnOffsetCommit'])
    expect(lookedUp).toEqual(['x', 'g', 'g'])
  })

  it.each([14, 15, 16])('commits offsets as soon as the group has a coordinator (error %i)', async code => {
    const { calls, manager } = await transactional({ txnOffsetCommit: [code] })
    await manager.sendOffsets(offsets)
    expect(calls).toEqual(['addOffsetsToTxn', 'txnOffsetCommit', 'txnOffsetCommit'])
  })

  it.each([
    [22, 'ILLEGAL_GENERATION'],
    [25, 'UNKNOWN_MEMBER_ID'],
    [27, 'REBALANCE_IN_PROGRESS'],
    [82, 'FENCED_INSTANCE_ID'],
  ])('ends at once where offsets are refused (error %i, %s)', async (code, type) => {
    const { calls, manager } = await transactional({ txnOffsetCommit: [code] })
    await expect(manager.sendOffsets(offsets)).rejects.toMatchObject({ name: 'KafkaJSProtocolError', type })
    expect(calls).toEqual(['addOffsetsToTxn', 'txnOffsetCommit'])
  })
})

describe('metadata that are being refreshed', () => {
  it('are asked for again by who has added a topic meanwhile', async () => {
    const asked: string[][] = []
    const gate = Promise.withResolvers<void>()
    const cluster = new Cluster({ logger, retry, brokers: ['localhost:1'], requestTimeout: 1_000 })
    cluster.brokerPool = {
      refreshMetadata: async (topics: string[]) => {
        asked.push(topics)
        await gate.promise
      },
    }
    const first = cluster.addTargetTopic('a')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const repeats = [cluster.refreshMetadata(), cluster.refreshMetadata()]
    cluster.targetTopics.add('b')
    const second = cluster.refreshMetadata()
    gate.resolve()
    await Promise.all([first, ...repeats, second])
    expect(asked).toEqual([['a'], ['a', 'b']])
  })
})

describe('a consumer that is stopped while a broker comes or goes', () => {
  it('fetches no more', async () => {
    let nodeIds = ['1', '2']
    let isStopped = false
    let fetches = 0
    const answer = Promise.withResolvers<void>()
    const manager = createFetchManager({
      logger,
      getNodeIds: () => nodeIds,
      fetch: async (nodeId: string) => {
        // What kafkajs answers when it does not run any more: at once, so that nothing else gets its turn.
        if (isStopped && ++fetches > 100) throw new Error('it goes on for ever')
        if (!isStopped) await (nodeId === '2' ? answer.promise : new Promise(setImmediate))
        return []
      },
      handler: nothing,
    })
    const started = manager.start()
    await new Promise(setImmediate)
    nodeIds = ['1'] // the fetcher of the first one ends, and waits for the second's
    await new Promise(setImmediate)
    isStopped = true
    const stopped = manager.stop()
    answer.resolve()
    await Promise.all([started, stopped])
    expect(fetches).toBe(0)
  })
})

describe('an offset that is out of range', () => {
  const managerAt = () =>
    new OffsetManager({
      groupId: 'g',
      autoCommit: false,
      memberAssignment: { t: [0] },
      topicConfigurations: { t: { fromBeginning: true } },
      onCoordinator: () => expect.fail('it was committed'),
      cluster: {
        committedOffsets: () => ({}),
        refreshMetadata: nothing,
        fetchTopicsOffset: async ([{ fromBeginning }]: [{ fromBeginning: boolean }]) => [
          { topic: 't', partitions: [{ partition: 0, offset: fromBeginning ? '10' : '20' }] },
        ],
      },
    })

  it.each([
    ['moves to the first one where that has expired', '5', '10'],
    ['moves to the first one where there is none as high', '25', '10'],
    ['stays where its leader has it, and a follower did not yet', '15', '15'],
  ])('%s, and what the group has committed is kept', async (_, position, then) => {
    const manager = managerAt()
    manager.resolveOffset({ topic: 't', partition: 0, offset: String(Number(position) - 1) })
    await manager.setDefaultOffset({ topic: 't', partition: 0 })
    expect(String(manager.nextOffset('t', 0))).toBe(then)
  })
})

describe('a broker that does not answer', () => {
  it('is passed over by a question that others can answer', async () => {
    const pool = new BrokerPool({ connectionPoolBuilder: {}, logger, retry })
    const broker = (isConnected: boolean) => ({
      isConnected: () => isConnected,
      connect: () => Promise.reject(new errors.KafkaJSConnectionError('no such host')),
      disconnect: nothing,
    })
    pool.brokers = { 1: broker(false), 2: broker(true), 3: broker(false) }
    // kafkajs asks them in any order.
    for (let time = 0; time < 30; time++)
      expect(await pool.withBroker(async ({ nodeId }: { nodeId: string }) => nodeId)).toBe('2')
  })

  it('is passed over as a bootstrap server', async () => {
    const pool = new BrokerPool({ connectionPoolBuilder: { build: nothing }, logger, retry })
    const made: string[] = []
    pool.createBroker = () => {
      const name = made.length === 0 ? 'silent' : 'good'
      made.push(name)
      return {
        name,
        isConnected: () => false,
        disconnect: nothing,
        connect: async () => {
          if (name === 'silent') throw new errors.KafkaJSRequestTimeoutError('timed out')
        },
      }
    }
    await pool.connect()
    expect(pool.seedBroker.name).toBe('good')
  })

  it('is asked no more over a connection on which it was silent', async () => {
    const { connection } = await connected()
    await expect(connection.send(question)).rejects.toThrow(errors.KafkaJSRequestTimeoutError)
    expect(connection.isConnected()).toBe(false)
  })

  it('says nothing any more by a connection that was given up', async () => {
    const { connection, sockets } = await connected({ requestTimeout: 1_000 })
    await expect(connection.send(question)).rejects.toThrow(errors.KafkaJSRequestTimeoutError)
    await connection.connect()
    const asked = connection.send(question)
    await vi.waitFor(() => expect(sockets[1]?.bytesRead).toBeGreaterThan(0))
    // The one that was silent goes on at last: half an answer, and its end.
    sockets[0]?.end(answer(0).subarray(0, 6))
    await vi.waitFor(() => expect(sockets[0]?.closed).toBe(true))
    sockets[1]?.write(answer(1))
    expect(await asked).toBe('good')
  })

  it('is understood, though the connection before this one ended within an answer', async () => {
    const { connection, sockets } = await connected({ requestTimeout: 60_000 })
    const asked = expect(connection.send(question)).rejects.toThrow(errors.KafkaJSConnectionClosedError)
    await vi.waitFor(() => expect(sockets[0]?.bytesRead).toBeGreaterThan(0))
    sockets[0]?.end(answer(0).subarray(0, 6))
    await asked
    await vi.waitFor(() => expect(connection.isConnected()).toBe(false))
    await connection.connect()
    const again = connection.send(question)
    await vi.waitFor(() => expect(sockets[1]?.bytesRead).toBeGreaterThan(0))
    sockets[1]?.write(answer(1))
    expect(await again).toBe('good')
    await connection.disconnect()
  })

  it('is connected to once, however many ask for it at the same time', async () => {
    const { connection, sockets, accepted } = await connected({ askers: 3 })
    await accepted()
    expect(sockets).toHaveLength(2)
    await connection.disconnect()
  })
})

const joined = { generationId: 1, leaderId: 'other', memberId: 'm', members: [], groupProtocol: 'p' }

/** A member of a group, and who coordinates that. */
const groupOf = (
  coordinator: () => object,
  emit: (event: string) => void = nothing,
  options: { heartbeatInterval?: number; beforeRejoin?: () => Promise<void> } = {},
) =>
  new ConsumerGroup({
    ...options,
    logger,
    retry,
    groupId: 'g',
    topics: [],
    topicConfigurations: {},
    assigners: [],
    instrumentationEmitter: { emit },
    cluster: {
      findGroupCoordinator: async () => coordinator(),
      findBroker: async (broker: object) => broker,
      committedOffsets: () => ({}),
      refreshMetadata: nothing,
    },
  })

/** A connection to a server that says nothing. */
async function connected({ askers = 1, requestTimeout = 50 } = {}) {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.push(socket.on('error', nothing).resume())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const connection = new Connection({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    logger,
    socketFactory: inside('kafkajs/src/network/socketFactory.js')(),
    connectionTimeout: 1_000,
    requestTimeout,
  })
  await Promise.all(Array.from({ length: askers }, () => connection.connect()))
  /** Resolves when the server has taken all that came before, and one more. */
  const accepted = async () => {
    const last = connect(connection.port, connection.host)
    await once(last, 'connect')
    await vi.waitFor(() => expect(sockets.map(({ remotePort }) => remotePort)).toContain(last.localPort))
    last.destroy()
  }
  return { connection, sockets, accepted }
}

/** A request as kafkajs has them: here, one of no bytes. */
const question = {
  request: {
    apiKey: 18,
    apiVersion: 0,
    apiName: 'ApiVersions',
    encode: async () => new (inside('kafkajs/src/protocol/encoder.js'))(),
  },
  response: {
    decode: async (payload: Buffer) => payload,
    parse: async (payload: Buffer) => payload.toString(),
  },
}

/** What a broker says to a request: its length, whose answer it is, and the word. */
function answer(correlationId: number): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(8)
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, Buffer.from('good')])
}

describe('a batch that was fetched', () => {
  const crcAt = 17
  /** A fetch's answer for a partition, of some batches. */
  const fetched = async (...batches: Buffer[]) => {
    const size = Buffer.alloc(4)
    size.writeInt32BE(Buffer.concat(batches).length)
    const decoder = new Decoder(Buffer.concat([size, ...batches, Buffer.from('rest')]))
    const records: FetchedRecord[] = await decodeMessages(decoder)
    return { records, rest: String(decoder.readAll()) }
  }
  const batch = async (firstOffset: number, records: object[], compression = 0): Promise<Buffer> => {
    const encoded = records.map((record, offsetDelta) =>
      Record({ key: 'k', value: 'v', ...record, offsetDelta }),
    )
    const lastOffsetDelta = records.length - 1
    return (await RecordBatch({ firstOffset, lastOffsetDelta, records: encoded, compression })).buffer
  }
  /** Writes into a batch, and makes its checksum right again. */
  const changed = (bytes: Buffer, at: number, change: (byte: number) => number) => {
    const copy = Buffer.from(bytes)
    copy[at] = change(copy[at] ?? 0)
    copy.writeUInt32BE(crc32C(copy.subarray(crcAt + 4)), crcAt)
    return copy
  }
  const offsets = (records: FetchedRecord[]) => records.map(({ offset }) => offset)

  it('is one record that says why, at its last offset, where its codec is not known or its bytes are damaged', async () => {
    const gzip = 1
    const [good, packed] = [await batch(0, [{}, {}]), await batch(2, [{}, {}, {}], gzip)]
    const attributes = crcAt + 5
    for (const bad of [
      changed(packed, attributes, () => 6),
      changed(packed, 64, byte => byte ^ 0xff),
      changed(packed, 60, () => 9),
      changed(await batch(2, [{}, {}, {}]), 60, () => 9),
      changed(await batch(2, [{}, {}, {}]), 60, () => 2),
      changed(await batch(2, [{}, {}, {}]), 61, () => 200),
    ]) {
      const { records } = await fetched(good, bad, await batch(5, [{}]))
      expect(offsets(records)).toEqual(['0', '1', '4', '5'])
      expect(records.filter(({ undecodable }) => undecodable)).toMatchObject([{ offset: '4' }])
      expect(records[2]?.undecodable?.reason).toMatch(
        /^the batch of \d records at offset 2 can't be decoded: /,
      )
      expect(records[2]?.value.equals(bad.subarray(12))).toBe(true)
    }
  })

  it('whose checksum is wrong is not read, and not believed where it ends', async () => {
    const bad = Buffer.from(await batch(2, [{}, {}]))
    bad[bad.length - 2] = 0x20
    const { records } = await fetched(bad)
    expect(offsets(records)).toEqual(['3'])
    expect(records[0]?.undecodable?.reason).toBe(
      "the batch of 2 records at offset 2 can't be decoded: its checksum (CRC) is wrong",
    )
    bad[26] = 0x7f // of the last offset
    expect(offsets((await fetched(bad)).records)).toEqual(['2'])
  })

  it('that compaction has emptied is passed, also where it is all that there is room for', async () => {
    const { buffer: empty } = await RecordBatch({ firstOffset: 2, lastOffsetDelta: 4, records: [] })
    const { records } = await fetched(empty, (await batch(7, [{}])).subarray(0, 30))
    expect(records).toMatchObject([{ offset: '6', isControlRecord: true }])
    const read = new Batch('t', '2', { partition: 0, highWatermark: '8', messages: records })
    expect([read.messages, read.isEmptyDueToFiltering(), read.lastOffset()]).toEqual([[], true, '6'])
  })

  it('may have more records than a function takes arguments', async () => {
    const count = 200_000
    const { records } = await fetched(await batch(0, Array<object>(count).fill({}), 1))
    expect(records).toHaveLength(count)
  })

  it('may be cut off after a few bytes, and what comes behind is read all the same', async () => {
    const cutOff = (await batch(0, [{}])).subarray(0, 10)
    expect(await fetched(cutOff)).toEqual({ records: [], rest: 'rest' })
  })

  it('may have very many headers, also of one name, and is read in no time', async () => {
    const headers = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`h${index}`, 'x']))
    const bytes = await batch(0, [{ headers: { ...headers, same: Array<string>(50_000).fill('y') } }])
    const startedAt = performance.now()
    const { records } = await fetched(bytes)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(Object.keys(records[0]?.headers ?? {})).toHaveLength(50_001)
    expect(records[0]?.headers.same).toHaveLength(50_000)
    expect(String(records[0]?.headers.h49999)).toBe('x')
  })

  it('gives a record of more headers than are read without them, and says so', async () => {
    const { records } = await fetched(
      await batch(0, [{ headers: { same: Array<string>(100_001).fill('y') } }, {}]),
    )
    expect(records[0]).toMatchObject({
      value: Buffer.from('v'),
      headers: {},
      undecodable: {
        what: 'headers',
        reason: 'it has 100001 headers, 100000 is the most that is read',
      },
    })
    expect(records[1]?.undecodable).toBeUndefined()
  })

  it('of the format before Kafka 0.11 is one record that says why, where it can not be decompressed', async () => {
    const bytes = MessageSet({ entries: [{ offset: '7', compression: 1, value: 'no gzip' }] }).buffer
    const records: FetchedRecord[] = await decodeMessageSet(new Decoder(bytes), bytes.length)
    expect(records).toMatchObject([{ offset: '0', undecodable: { what: 'batch' } }])
  })
})

interface FetchedRecord {
  offset: string
  value: Buffer
  headers: { [name: string]: unknown }
  undecodable?: { what: string; reason: string }
}

it('a record is written into one buffer, however many headers it has, and is read as it was', () => {
  const headers = { one: '1', two: ['ä', Buffer.from('3')], none: [], empty: '', long: 'x'.repeat(5_000) }
  const made = [vi.spyOn(Buffer, 'alloc'), vi.spyOn(Buffer, 'allocUnsafe')]
  const { buffer } = Record({ offsetDelta: 7, timestampDelta: 3, key: 'k', value: null, headers })
  const count = made.reduce((sum, { mock }) => sum + mock.calls.length, 0)
  for (const spy of made) spy.mockRestore()
  expect(count).toBe(1)

  const decoder = new Decoder(buffer)
  const length = decoder.readVarInt()
  expect(length).toBe(buffer.length - decoder.offset)
  const read = decodeRecord(new Decoder(buffer.subarray(decoder.offset)), {
    firstOffset: 10,
    firstTimestamp: 100,
  })
  expect(read).toMatchObject({ offset: '17', timestamp: '103', key: Buffer.from('k'), value: null })
  expect(read.headers).toEqual({
    one: Buffer.from('1'),
    two: [Buffer.from('ä'), Buffer.from('3')],
    empty: Buffer.alloc(0),
    long: Buffer.from('x'.repeat(5_000)),
  })
})

it('a batch of half a million records is grouped by partition, each in its place', () => {
  const messages = Array.from({ length: 500_000 }, (_, number) => ({
    partition: number % 5 === 0 ? 1 : 0,
    number,
  }))
  const partitioner = ({ message }: { message: { partition: number } }) => message.partition
  const groups = groupMessages({ topic: 't', partitionMetadata: [{}, {}], messages, partitioner })
  expect(groups).toEqual({
    0: messages.filter(({ partition }) => partition === 0),
    1: messages.filter(({ partition }) => partition === 1),
  })
  expect(groupMessages({ topic: 't', partitionMetadata: [], messages, partitioner })).toEqual({})
})

describe('the checksum of a batch', () => {
  it.each([
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 times 255', Buffer.alloc(32, 255), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), 0x46dd794e],
    ['nothing', Buffer.alloc(0), 0],
  ])('is CRC-32C, as RFC 3720 gives it for %s', (_, bytes, checksum) => {
    expect(crc32C(bytes)).toBe(checksum)
  })

  it('is that of the definition, for any number of bytes', () => {
    for (let length = 0; length < 100; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 151 + length * 37) & 0xff))
      expect(crc32C(bytes)).toBe(crcByBits(bytes))
    }
  })
})

function crcByBits(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
