import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { topics } from 'kafka-restaurants-contracts'
import { root } from 'kafka-restaurants-dev-env/paths'
import { Trouble } from 'kafka-restaurants-service/command'

const api = 'kafka.strimzi.io/v1'
const release = { name: 'kafka-restaurants', namespace: 'restaurants' }
const ownedBy = ({ name, namespace }: typeof release) => ({
  'meta.helm.sh/release-name': name,
  'meta.helm.sh/release-namespace': namespace,
})

/** A KafkaTopic that is there already, by its annotations, and whether the chart may make its own then. */
const found: { whose: string; annotations: Record<string, string>; taken: boolean }[] = [
  { whose: 'made by kubectl', annotations: {}, taken: false },
  { whose: "another release's", annotations: ownedBy({ ...release, name: 'lunch' }), taken: false },
  {
    whose: "another namespace's",
    annotations: ownedBy({ ...release, namespace: 'default' }),
    taken: false,
  },
  { whose: 'its own', annotations: ownedBy(release), taken: true },
]

/**
 * Sees that the chart takes no KafkaTopic over that is not its own: it would be deleted with a later rollback, and with
 * it the records. A server that knows one KafkaTopic stands in for the cluster that Helm asks.
 * @throws Trouble
 */
export async function seeKafkaTopicsLeftAlone(): Promise<string> {
  for (const { whose, annotations, taken } of found) {
    const complaint = await rendered(annotations)
    if (taken && complaint) throw new Trouble(`Refused over a KafkaTopic that is ${whose}:\n${complaint}`)
    if (!taken && !complaint.includes('with topics.create=none'))
      throw new Trouble(`Over a KafkaTopic that is ${whose}:\n${complaint || 'It was taken.'}`)
  }
  return found.map(({ whose }) => whose).join(', ')
}

/** @returns what Helm complained of, if anything */
async function rendered(annotations: Record<string, string>): Promise<string> {
  const server = createServer(({ url = '' }, answer) => {
    const body = answers(annotations)[url.replace(/\?.*/, '')]
    answer.writeHead(body ? 200 : 404, { 'Content-Type': 'application/json' })
    answer.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', code: 404 }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const cluster = ['--dry-run=server', '--kube-apiserver', `http://127.0.0.1:${port}`]
  const values = ['--namespace', release.namespace, '--set', 'topics.create=strimzi']
  const words = ['template', release.name, 'helm', ...cluster, ...values]
  try {
    await promisify(execFile)('helm', words, { cwd: root, maxBuffer: 1 << 26 })
    return ''
  } catch (error) {
    return (error as { stderr?: string }).stderr || String(error)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const answers = (annotations: Record<string, string>): Record<string, unknown> => ({
  [`/apis/${api}`]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: api,
    resources: [{ name: 'kafkatopics', namespaced: true, kind: 'KafkaTopic', verbs: ['get'] }],
  },
  [`/apis/${api}/namespaces/kafka/kafkatopics/${topics.order}`]: {
    apiVersion: api,
    kind: 'KafkaTopic',
    metadata: { name: topics.order, namespace: 'kafka', annotations },
  },
})
