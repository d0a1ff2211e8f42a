import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { Trouble } from 'kafka-restaurants-service/command'
import type { Checks } from './checks.ts'
import { findLab, type Run, runnerIn } from './lab.ts'

/** A cluster that is up, with our images and a Kafka. */
export interface Lab {
  run: Run
  /** A part of the lab: a script and its words. What it prints is shown. */
  script: (file: string, ...words: string[]) => Promise<void>
  /** Where the ports of its node are, without a port: http://10.0.0.1 */
  node: string
  signal: AbortSignal
}

export const namespace = 'restaurants'
export const release = 'kafka-restaurants'
const mostBytes = 200_000_000
const notOurs = ['nginxinc/nginx-unprivileged:1.28-alpine', 'apache/kafka:4.3.1']

/**
 * @param brokers how many Kafka has: three, as in production, or one, as on Minikube
 * @throws Trouble when something does not come up
 */
export async function raiseLab({ need }: Checks, signal: AbortSignal, brokers: 1 | 3): Promise<Lab> {
  const folder = findLab()
  const run = runnerIn(folder, signal)
  const script = (file: string, ...words: string[]) => runScript(join(folder, file), words, signal)
  const kubectl = (...words: string[]) => run('kubectl', words)
  let images: string[] = []

  await need('a Docker engine', async () => {
    await script('docker/start-dockerd.sh')
    await script('docker/base-images.sh', 'frontend', 'node', 'distroless', 'nginx', 'kafka')
    return `Docker ${await run('docker', ['version', '--format', '{{.Server.Version}}'])}`
  })
  await need('images', async () => {
    images = await bake(run)
    return `${images.length} built`
  })
  await need('their size and user', () => lookAt(run, images))
  await need('a cluster', async () => {
    await script('k8s/build.sh', 'lint', 'cluster')
    await script('k8s/up.sh')
    return kubectl('get', 'nodes', '--no-headers')
  })
  await need('nothing of an earlier run', async () => {
    await kubectl('delete', 'namespace', namespace, 'kafka', '--ignore-not-found', '--timeout=3m')
    for (const name of [namespace, 'kafka']) {
      await kubectl('create', 'namespace', name)
      await kubectl('label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted')
    }
    return `namespaces ${namespace} and kafka, both of them restricted`
  })
  await need('images in the cluster', async () => {
    await script('load-image.sh', ...images, ...notOurs)
    return `${images.length + notOurs.length} loaded`
  })
  await need('a Kafka', async () => {
    await run('kubectl', ['apply', '-f', '-'], kafkaWith(brokers))
    await kubectl('rollout', 'status', 'statefulset/kafka', '--namespace', 'kafka', '--timeout=3m')
    return kubectl('get', 'pods', '--namespace', 'kafka', '--no-headers')
  })
  const address = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
  const node = `http://${await kubectl('get', 'nodes', '-o', `jsonpath=${address}`)}`
  return { run, script, node, signal }
}

/** Kafka's objects. One broker is its own quorum, and keeps the only copy. */
function kafkaWith(brokers: 1 | 3): string {
  const all = readFileSync(resolve(root, 'cluster/kafka.yaml'), 'utf8')
  if (brokers === 3) return all
  const one = all
    .replace(/^ {2}replicas: 3$/m, '  replicas: 1')
    .replace(/^ +[12]@kafka-.*\n/gm, '')
    .replace(/(?<=0@kafka-0.*:9093),\\/, '"')
    .replaceAll(/value: "[23]"/g, 'value: "1"')
  if (/kafka-[12]/.test(one)) throw new Error('cluster/kafka.yaml names more brokers than one')
  return one
}

/** Stops engine and cluster; what was built stays. */
export async function lowerLab(): Promise<void> {
  const folder = findLab()
  for (const file of ['k8s/argocd.sh', 'k8s/down.sh', 'docker/stop-dockerd.sh']) {
    const words = file === 'k8s/argocd.sh' ? ['down'] : []
    await runScript(join(folder, file), words).catch(error => console.error(String(error)))
  }
}

async function runScript(file: string, words: string[], signal?: AbortSignal): Promise<void> {
  const child = spawn(file, words, { stdio: ['ignore', 'inherit', 'inherit'], signal })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Trouble(`${file} ${words.join(' ')} ended with exit code ${code}.`)
}

/** @returns the images' names */
async function bake(run: Run): Promise<string[]> {
  const revision = await run('git', ['rev-parse', 'HEAD'])
  const words = ['buildx', 'bake', '--file', 'docker-bake.hcl']
  await run('env', [`REVISION=${revision}`, 'docker', ...words, '--load'])
  const plan: { target: Record<string, { tags: string[] }> } = JSON.parse(
    await run('docker', [...words, '--print']),
  )
  return Object.values(plan.target).flatMap(({ tags }) => tags)
}

async function lookAt(run: Run, images: string[]): Promise<string> {
  const looked: { RepoTags: string[]; Size: number; Config: { User: string; Healthcheck?: object } }[] =
    JSON.parse(await run('docker', ['image', 'inspect', ...images]))
  const faults = looked.flatMap(({ RepoTags: [name], Size, Config }) => [
    ...(Size > mostBytes ? [`${name} has ${Size} bytes`] : []),
    ...(Config.User === '65532:65532' ? [] : [`${name} runs as "${Config.User}"`]),
    ...(Config.Healthcheck ? [] : [`${name} has no HEALTHCHECK`]),
  ])
  if (faults.length > 0) throw new Trouble(`${faults.join(', ')}.`)
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  return looked
    .map(({ RepoTags: [name], Size }) => `${name?.split('/').at(-1)} ${megabytes(Size)}`)
    .join(', ')
}
