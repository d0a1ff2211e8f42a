import { join } from 'node:path'
import type { Child } from '../child.ts'
import { freePort } from '../ports.ts'
import { type Broker, newClusterId, startBroker } from './broker.ts'
import type { BrokerPlace } from './settings.ts'

/** One broker of a cluster, to be broken and mended. Its data stay. */
interface Node {
  nodeId: number
  port: number
  /** kill -9. */
  kill: () => Promise<void>
  /** Ends it in order: what it leads goes to others first. */
  stop: () => Promise<void>
  /** It keeps its connections, and answers nothing until `thaw`: as if it were cut off. */
  freeze: () => void
  thaw: () => void
  /** Starts it again, after `kill` or `stop`. Resolves when it answers. */
  start: () => Promise<void>
}

export interface BrokerCluster {
  /** All brokers, joined by commas. */
  bootstrap: string
  nodes: Node[]
  /** kill -9 for all. */
  kill: () => Promise<void>
}

interface ClusterOptions {
  /** Each broker has a folder in it. */
  dataDir: string
  /** How many: three of them outlive any one. */
  count: number
  progress?: (line: string) => void
  /** Told each process that is started. */
  watch?: (child: Pick<Child, 'pid' | 'exited'>) => void
}

/** Where the brokers of one cluster are to be: a folder for each in `dataDir`, on the given ports. */
export function clusterPlaces(
  dataDir: string,
  ports: Pick<BrokerPlace, 'port' | 'controllerPort'>[],
): BrokerPlace[] {
  const clusterId = newClusterId()
  const controllerPorts = ports.map(({ controllerPort }) => controllerPort)
  return ports.map((own, index) => ({
    ...own,
    dataDir: join(dataDir, `broker-${index + 1}`),
    member: { nodeId: index + 1, clusterId, controllerPorts },
  }))
}

/**
 * Starts several brokers that are one cluster; resolves when all of them answer.
 * @throws Trouble as `startBroker` does; none of them runs any more then
 */
export async function startCluster({
  dataDir,
  count,
  progress,
  watch,
}: ClusterOptions): Promise<BrokerCluster> {
  const freePorts = async () => ({ port: await freePort(), controllerPort: await freePort() })
  const places = clusterPlaces(dataDir, await Promise.all(Array.from({ length: count }, freePorts)))
  const started = await Promise.allSettled(places.map(place => startNode({ ...place, progress }, watch)))
  const nodes = started.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  const kill = async () => {
    await Promise.all(nodes.map(node => node.kill()))
  }
  const failed = started.find(each => each.status === 'rejected')
  if (failed) {
    await kill()
    throw failed.reason
  }
  return { bootstrap: places.map(({ port }) => `localhost:${port}`).join(), nodes, kill }
}

async function startNode(
  options: BrokerPlace & Pick<ClusterOptions, 'progress'>,
  watch: ClusterOptions['watch'],
): Promise<Node> {
  let broker: Broker
  const start = async () => {
    broker = await startBroker(options)
    watch?.(broker)
  }
  await start()
  return {
    nodeId: options.member?.nodeId ?? 1,
    port: options.port,
    kill: () => broker.kill(),
    stop: () => broker.stop(),
    freeze: () => void process.kill(broker.pid, 'SIGSTOP'),
    thaw: () => void process.kill(broker.pid, 'SIGCONT'),
    start,
  }
}
