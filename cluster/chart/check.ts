// node cluster/chart/check.ts: all that can be known of the chart, of kafka-cluster/ and of argocd/ without a cluster.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { type Count, nothing } from 'kafka-restaurants-dev-env/testing/count'
import { searchPath } from 'kafka-restaurants-dev-env/tools/find'
import { kubernetesVersion } from 'kafka-restaurants-dev-env/tools/kubernetes'
import { needs } from 'kafka-restaurants-dev-env/tools/needs'
import { schemaLocations } from 'kafka-restaurants-dev-env/tools/schemas'
import { reportFailure, Trouble } from 'kafka-restaurants-service/command'
import { parseAllDocuments } from 'yaml'
import { seeAlerts } from './alerts.ts'
import { seeBreaksOff } from './breaks.ts'
import { seeKafkaTopicsLeftAlone } from './kafka-topics.ts'
import { refusals } from './refusals.ts'
import { seeRunbooks } from './runbooks.ts'

/** Values that are names in Kubernetes, which YAML takes for numbers where they look so. */
const numberLike = [
  'kafka.tls.caSecret',
  'kafka.userSecret',
  'topics.kafkaUserSecret',
  'smtp.existingSecret',
  'kitchen.passwordSecret',
  'ingress.className',
  'ingress.tlsSecret',
  'catalogue.existingConfigMap',
  'image.pullSecrets[0]',
  'services.bank.keysSecret',
  'services.bank.persistence.storageClass',
  'services.email.image',
]

/** Resources that a schema of each source is for. */
const oneOfEach = [
  ['apps/v1', 'Deployment'],
  ['kafka.strimzi.io/v1', 'KafkaTopic'],
  ['argoproj.io/v1alpha1', 'Application'],
  ['keda.sh/v1alpha1', 'ScaledObject'],
  ['monitoring.coreos.com/v1', 'PrometheusRule'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
]

process.env.PATH = searchPath()
try {
  await checkAll()
} catch (error) {
  reportFailure(error)
}

async function checkAll(): Promise<void> {
  const count: Count = { ...nothing }
  const missing = new Set(needs.filter(({ isHere }) => !isHere()).map(({ name }) => name))
  /** A check, and the tools that it takes: where one of them is missing, it is not run. */
  const check = async (what: string, tools: string[], work: () => string | Promise<string>) => {
    const lacking = tools.filter(tool => missing.has(tool))
    if (lacking.length > 0) {
      console.log(`- ${what}: not run, without ${lacking.join(', ')}`)
      count.skipped++
      return
    }
    try {
      console.log(`✓ ${what} ${await work()}`)
      count.passed++
    } catch (error) {
      const why = error instanceof Trouble ? error.message : String(error)
      console.log(`✗ ${what}\n${why.replaceAll(/^/gm, '    ')}`)
      count.failed++
    }
  }
  const validators = ['kubeconform', 'schemas']
  const strict = ['-strict', '-summary', '-kubernetes-version', kubernetesVersion, ...schemaLocations]
  const valid = (resources: string) => tool('kubeconform', [...strict, '-'], resources).trim()
  const template = (...args: string[]) => tool('helm', ['template', 'kafka-restaurants', ...args])

  await check('ct lint', ['ct', 'helm', 'yamllint, yamale'], () => {
    const rules = [
      ['--chart-yaml-schema', 'cluster/chart/ct/chart_schema.yaml'],
      ['--lint-conf', 'cluster/chart/ct/lintconf.yaml'],
    ].flat()
    // The chart is no entry of a chart repository: its version is the project's, and nobody is named as its maintainer.
    const no = ['--check-version-increment=false', '--validate-maintainers=false']
    tool('ct', ['lint', '--charts', 'helm', ...no, ...rules])
    return ''
  })
  for (const scenario of readdirSync(resolve(root, 'helm/ci'))) {
    const resources = () =>
      template('helm', '--namespace', 'restaurants', '--values', join('helm/ci', scenario))
    await check(`helm/ci/${scenario}`, ['helm', ...validators], () => valid(resources()))
    await check(`kube-score of helm/ci/${scenario}`, ['helm', 'kube-score'], () => {
      tool('kube-score', ['score', '--output-format', 'ci', '-'], resources())
      return ''
    })
  }
  for (const each of refusals)
    await check(`refused: ${[each.release, each.values].filter(Boolean).join(' ')}`, ['helm'], () =>
      refused(each),
    )
  await check('names that look like numbers', ['helm', ...validators], () => {
    const inNumbers = ['--set-string', numberLike.map(name => `${name}=123`).join()]
    const auth = ['--set', 'kafka.auth=tls,kafka.tls.enabled=true']
    return valid(tool('helm', ['template', 'r2d2', 'helm', ...auth, ...inNumbers]))
  })
  await check("refused: KafkaTopics that are not the release's own", ['helm'], seeKafkaTopicsLeftAlone)
  await check('nothing may be broken unless a value says so', ['helm'], () => seeBreaksOff(template))
  await check('alerts fire when they should, and only then', ['helm', 'promtool'], () =>
    seeAlerts(template('helm', '--values', 'helm/ci/everything-values.yaml'), tool),
  )
  await check('runbooks speak of what there is', ['helm'], () =>
    seeRunbooks(
      [
        template('helm', '--set', 'services.backstage.breaksAllowed=true'),
        template('helm', '--values', 'helm/ci/everything-values.yaml'),
      ].join('\n---\n'),
    ),
  )
  await check('refused: a field that no schema knows', validators, () => seeFieldsRefused(strict))
  const kustomized = (folder: string) => tool('kustomize', ['build', folder])
  const overlays = readdirSync(resolve(root, 'kafka-cluster/overlays')).map(name => `overlays/${name}`)
  for (const folder of ['base', 'monitoring', ...overlays].map(each => `kafka-cluster/${each}`)) {
    await check(folder, ['kustomize', ...validators], () => valid(kustomized(folder)))
  }
  await check('kafka-cluster/dead-letters.yaml', validators, () =>
    valid(readFileSync(resolve(root, 'kafka-cluster/dead-letters.yaml'), 'utf8')),
  )
  await check("Minikube's node in the certificates", ['kustomize'], () =>
    nodeAddress(kustomized('kafka-cluster/overlays/minikube')),
  )
  await check('argocd', ['helm', ...validators], () => {
    const files = ['project.yaml', 'app-of-apps.yaml'].map(file =>
      readFileSync(resolve(root, 'argocd', file), 'utf8'),
    )
    return valid([template('argocd/apps'), ...files].join('\n---\n'))
  })
  if (process.env.TEST_DATA_DIR)
    writeFileSync(join(process.env.TEST_DATA_DIR, 'chart.json'), JSON.stringify(count))
  if (count.failed > 0) throw new Trouble(`${count.failed} of these checks failed`)
}

function refused({ release = 'kafka-restaurants', values, words }: (typeof refusals)[number]): string {
  const args = ['template', release, 'helm', '--set', values]
  const { status, stderr } = spawnSync('helm', args, { cwd: root, encoding: 'utf8' })
  if (status === 0) throw new Trouble('It was taken.')
  if (stderr.includes('hunter2')) throw new Trouble('The password is in the error.')
  if (!stderr.includes(words)) throw new Trouble(`Without the words "${words}":\n${stderr}`)
  return ''
}

/** Sees that the schemas are strict: else they would take whatever is misspelt. @throws Trouble */
function seeFieldsRefused(strict: string[]): string {
  for (const [apiVersion, kind] of oneOfEach) {
    const input = JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec: { misspelt: 1 } })
    const { stdout } = spawnSync('kubeconform', [...strict, '-'], { encoding: 'utf8', input })
    if (!stdout.includes("additional properties 'misspelt' not allowed"))
      throw new Trouble(`${kind} with an unknown field:\n${stdout || 'It was taken.'}`)
  }
  return oneOfEach.map(([, kind]) => kind).join(', ')
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
function tool(name: string, words: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(name, words, {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status === 0) return stdout
  if (error) throw new Trouble(`${name}: ${error.message}`)
  const faults = stdout.replaceAll(/^\[(OK|SKIPPED)\].*\n/gm, '') // what kube-score says of all the rest
  throw new Trouble([`${name} ${words.join(' ')}`, faults, stderr].filter(Boolean).join('\n'))
}
