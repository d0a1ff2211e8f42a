// node scripts/chart/check.ts: all that can be known of the chart, of kafka-cluster/ and of argocd/ without a cluster.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { findLab, inLab } from '../cluster/lab.ts'
import { root } from '../paths.ts'
import { reportFailure, Trouble } from '../trouble.ts'
import { seeKafkaTopicsLeftAlone } from './kafka-topics.ts'
import { refusals } from './refusals.ts'

/** Values that are names in Kubernetes, which YAML takes for numbers where they look so. */
const numberLike = [
  'kafka.tls.caSecret',
  'kafka.userSecret',
  'topics.kafkaUserSecret',
  'smtp.existingSecret',
  'ingress.className',
  'ingress.tlsSecret',
  'catalogue.existingConfigMap',
  'image.pullSecrets[0]',
  'services.bank.keysSecret',
  'services.bank.persistence.storageClass',
  'services.email.image',
]

try {
  await checkAll(findLab())
} catch (error) {
  reportFailure(error)
}

async function checkAll(lab: string): Promise<void> {
  const faults: string[] = []
  const check = async (what: string, work: () => string | Promise<string>) => {
    try {
      console.log(`✓ ${what} ${await work()}`)
    } catch (error) {
      const why = error instanceof Trouble ? error.message : String(error)
      console.log(`✗ ${what}\n${why.replaceAll(/^/gm, '    ')}`)
      faults.push(what)
    }
  }
  const tool = (command: string, args: string[], input?: string) => run(lab, command, args, input)
  const valid = (resources: string) => tool(join(lab, 'k8s/kc.sh'), ['-'], resources).trim()
  const template = (...args: string[]) => tool('helm', ['template', 'kafka-restaurants', ...args])

  // Does only what is missing; the first time takes some minutes.
  await check(
    'the tools',
    () => tool(join(lab, 'k8s/build.sh'), ['lint', 'schemas']).trim().split('\n').at(-1) ?? '',
  )
  await check('ct lint', () => {
    // The chart is no entry of a chart repository: its version is the project's.
    tool('ct', ['lint', '--charts', 'helm', '--check-version-increment=false'])
    return ''
  })
  for (const scenario of readdirSync(resolve(root, 'helm/ci'))) {
    await check(`helm/ci/${scenario}`, () => {
      const resources = template('helm', '--namespace', 'restaurants', '--values', join('helm/ci', scenario))
      const counted = valid(resources)
      tool('kube-score', ['score', '--output-format', 'ci', '-'], resources)
      return counted
    })
  }
  for (const each of refusals)
    await check(`refused: ${[each.release, each.values].filter(Boolean).join(' ')}`, () => refused(lab, each))
  await check('names that look like numbers', () => {
    const inNumbers = ['--set-string', numberLike.map(name => `${name}=123`).join()]
    const resources = tool('helm', [
      'template',
      'r2d2',
      'helm',
      '--set',
      'kafka.auth=tls,kafka.tls.enabled=true',
      ...inNumbers,
    ])
    return valid(resources)
  })
  await check("refused: KafkaTopics that are not the release's own", () => seeKafkaTopicsLeftAlone(lab))
  const kustomized = (folder: string) => tool('kubectl', ['kustomize', folder])
  const overlays = readdirSync(resolve(root, 'kafka-cluster/overlays')).map(name => `overlays/${name}`)
  for (const folder of ['base', 'monitoring', ...overlays].map(each => `kafka-cluster/${each}`)) {
    await check(folder, () => valid(kustomized(folder)))
  }
  await check('kafka-cluster/dead-letters.yaml', () =>
    valid(readFileSync(resolve(root, 'kafka-cluster/dead-letters.yaml'), 'utf8')),
  )
  await check("Minikube's node in the certificates", () =>
    nodeAddress(kustomized('kafka-cluster/overlays/minikube')),
  )
  await check('argocd', () => {
    const files = ['project.yaml', 'app-of-apps.yaml'].map(file =>
      readFileSync(resolve(root, 'argocd', file), 'utf8'),
    )
    return valid([template('argocd/apps'), ...files].join('\n---\n'))
  })
  if (faults.length > 0) throw new Trouble(`${faults.length} of these checks failed: ${faults.join(', ')}`)
}

function refused(
  lab: string,
  { release = 'kafka-restaurants', values, words }: (typeof refusals)[number],
): string {
  const { command, args } = inLab(lab, 'helm', ['template', release, 'helm', '--set', values])
  const { status, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) throw new Trouble('It was taken.')
  if (stderr.includes('hunter2')) throw new Trouble('The password is in the error.')
  if (!stderr.includes(words)) throw new Trouble(`Without the words "${words}":\n${stderr}`)
  return ''
}

/** Where clients outside are told to go, which is what the brokers' certificates name. @throws Trouble when it is not */
function nodeAddress(resources: string): string {
  const given = /^ADDRESS=(\S+)$/m.exec(
    readFileSync(resolve(root, 'kafka-cluster/overlays/minikube/node.env'), 'utf8'),
  )?.[1]
  const objects = parseAllDocuments(resources).map(document => document.toJSON())
  const { listeners } = objects.find(({ kind }) => kind === 'Kafka').spec.kafka
  const external = listeners.find(({ name }: { name: string }) => name === 'external').configuration
  const named = [...external.bootstrap.alternativeNames, external.brokers[0].advertisedHost]
  if (given && named.length === 2 && named.every(each => each === given)) return given
  throw new Trouble(`node.env says ${given}, and the listener ${named.join(', ')}`)
}

/** What a command printed. @throws Trouble with all of it when it fails */
function run(lab: string, name: string, words: string[], input?: string): string {
  const { command, args, cwd } = inLab(lab, name, words)
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status === 0) return stdout
  const faults = stdout.replaceAll(/^\[(OK|SKIPPED)\].*\n/gm, '') // what kube-score says of all the rest
  throw new Trouble([`${name} ${words.join(' ')}`, error?.message, faults, stderr].filter(Boolean).join('\n'))
}
