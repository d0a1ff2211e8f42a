import { ConfirmedOrder, DeclinedOrder, topics } from 'kafka-restaurants-contracts'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import type { Lab } from './raise.ts'

const inNamespace = ['--namespace', 'kafka']
const startWithinMs = 180_000

// The tools are given the broker's own settings, and its memory is theirs too.
const small = [
  'KAFKA_HEAP_OPTS=-Xmx128m',
  'KAFKA_JVM_PERFORMANCE_OPTS=-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
]

/** One of Kafka's own tools, in the pod of a broker. */
const tool = ({ run }: Lab, name: string, ...words: string[]) =>
  run('kubectl', [
    ...['exec', 'statefulset/kafka', ...inNamespace, '--', 'env', ...small],
    ...[`/opt/kafka/bin/${name}.sh`, '--bootstrap-server', 'localhost:9092', ...words],
  ])

/** The pod of the broker that coordinates a consumer group. */
export async function coordinatorOf(lab: Lab, group: string): Promise<string> {
  const state = await tool(lab, 'kafka-consumer-groups', '--describe', '--state', '--group', group)
  const [broker] = /kafka-\d/.exec(state) ?? []
  if (!broker) throw new Trouble(`No broker coordinates ${group}: ${state}`)
  return broker
}

/** Whether groups have committed every record of what they read: none is handled again. */
export async function haveCommittedAll(lab: Lab, groups: string[]): Promise<boolean> {
  const words = ['--describe', '--offsets', ...groups.flatMap(group => ['--group', group])]
  const rows = (await tool(lab, 'kafka-consumer-groups', ...words)).split('\n').map(row => row.split(/\s+/))
  return groups.every(group => {
    const partitions = rows.filter(([name]) => name === group)
    const done = partitions.every(([, , , committed, end]) => committed === end || end === '0')
    return done && partitions.length > 0
  })
}

const Outcomes = ConfirmedOrder.or(DeclinedOrder).array()

/**
 * Every outcome that is committed, in the order of its partition. Kafka's own consumer reads them, so that what ours
 * took for committed is seen by another; it ends when nothing has come for a while.
 */
export async function outcomes(lab: Lab): Promise<(ConfirmedOrder | DeclinedOrder)[]> {
  const both = `${topics.orderConfirm}|${topics.orderDeclined}`
  const words = ['--include', both, '--from-beginning', '--isolation-level', 'read_committed']
  const lines = await tool(lab, 'kafka-console-consumer', ...words, '--timeout-ms', '15000')
  return lines
    .split('\n')
    .filter(Boolean)
    .flatMap(line => Outcomes.parse(JSON.parse(line)))
}

/**
 * Has a broker's pod replaced, and waits until all brokers answer and no replica of a partition lags behind.
 * @param replace what takes the pod away
 * @returns after how many seconds
 */
export async function replaced(lab: Lab, broker: string, replace: () => Promise<unknown>): Promise<string> {
  const before = (await pods(lab)).find(({ metadata }) => metadata.name === broker)?.metadata.uid
  const startedAt = Date.now()
  await replace()
  await waitUntil(
    `${broker} back, and in sync`,
    startWithinMs,
    async () => {
      const now = await pods(lab)
      const isBack =
        now.length === 3 &&
        now.every(({ metadata, status }) => {
          const ready = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
          return ready && !metadata.deletionTimestamp && metadata.uid !== before
        })
      return isBack && (await inSync(lab))
    },
    1_000,
  )
  return `${((Date.now() - startedAt) / 1000).toFixed(0)} s`
}

const inSync = (lab: Lab) =>
  tool(lab, 'kafka-topics', '--describe', '--under-replicated-partitions').then(
    partitions => partitions === '',
    () => false, // the tool found no broker, or its pod was not ready yet
  )

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string }
  status: { conditions?: { type: string; status: string }[] }
}

async function pods({ run }: Lab): Promise<Pod[]> {
  const all = ['get', 'pods', '--selector=app=kafka', ...inNamespace, '-o', 'json']
  return (JSON.parse(await run('kubectl', all)) as { items: Pod[] }).items
}

/** Asks for a pod's eviction, as `kubectl drain` does. @throws Trouble where a disruption budget is against it */
export async function evict({ run }: Lab, broker: string): Promise<void> {
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: broker, namespace: 'kafka' },
  }
  const path = `/api/v1/namespaces/kafka/pods/${broker}/eviction`
  await run('kubectl', ['create', '--raw', path, '--filename', '-'], JSON.stringify(eviction))
}

/** Has all brokers restarted, one after the other, each as soon as the one before is in sync, as Strimzi does. */
export async function roll(lab: Lab): Promise<string[]> {
  const kubectl = (...words: string[]) => lab.run('kubectl', [...words, ...inNamespace])
  const only = (from: number) => {
    const spec = { updateStrategy: { rollingUpdate: { partition: from } } }
    return kubectl('patch', 'statefulset/kafka', '--patch', JSON.stringify({ spec }))
  }
  // Kubernetes alone would go on as soon as a pod is ready.
  await only(3)
  await kubectl('rollout', 'restart', 'statefulset/kafka')
  const times: string[] = []
  for (const index of [2, 1, 0]) times.push(await replaced(lab, `kafka-${index}`, () => only(index)))
  return times
}

/** Ends a broker with SIGKILL a second after SIGTERM: too early for it to hand over what it leads. */
export const kill = ({ run }: Lab, broker: string) =>
  run('kubectl', ['delete', `pod/${broker}`, '--grace-period=0', '--force', ...inNamespace])
