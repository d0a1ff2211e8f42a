import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { findBrowser } from 'kafka-restaurants-dev-env/browser'
import { root } from 'kafka-restaurants-dev-env/paths'
import { type Count, countPlaywright, sum } from 'kafka-restaurants-dev-env/testing/count'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import { seePaid } from './account.ts'
import { seeBrokers } from './brokers.ts'
import type { Checks } from './checks.ts'
import { type Lab, namespace, release } from './raise.ts'
import { forwarded, siteOf, startOrders, waitForRestaurant } from './site.ts'

const ordersPerSecond = 20

/** Installs the chart, uses it as its users do, changes it under way, and takes it away again. */
export async function seeChart(lab: Lab, checks: Checks, keep: boolean): Promise<void> {
  const { see, need } = checks
  const helm = (...words: string[]) => lab.run('helm', [...words, '--namespace', namespace])
  const kubectl = (...words: string[]) => lab.run('kubectl', [...words, '--namespace', namespace])
  const upgrade = (...words: string[]) =>
    helm('upgrade', release, 'helm', '--reuse-values', '--wait', '--timeout', '5m', ...words)
  const test = async () => lastLine(await helm('test', release, '--logs', '--timeout', '3m'))
  let site = ''

  await need('helm install, no values', async () => {
    await helm('install', release, 'helm', '--wait', '--timeout', '8m')
    site = await siteOf(lab)
    return `${(await kubectl('get', 'pods', '-o', 'name')).split('\n').length} pods are ready`
  })
  await see('restricted pods alone', () => seeRestricted(lab))
  await see('helm test', test)
  await see('browser journeys by NodePort', async () => {
    // Before the inbox is forwarded, as it is another pod then.
    await upgrade('--set', `siteUrl=${site}`)
    return forwarded('service/kafka-restaurants-inbox', 1080, async inbox => {
      await upgrade('--set', `services.web.inboxUrl=${inbox}`)
      return journeys(site, inbox)
    })
  })
  await see('another catalogue, no restart', () =>
    withOtherCatalogue(async (file, name) => {
      const before = await podsOf(lab, 'search-order')
      await upgrade('--set-file', `catalogue.json=${file}`)
      const after = await waitForRestaurant(site, name)
      const now = await podsOf(lab, 'search-order')
      if (now !== before)
        throw new Trouble(`There are other pods, or they were restarted: ${before} → ${now}`)
      return `seen on the site after ${after}, without a restart`
    }),
  )
  await see('the HPA falls without load', () =>
    waitUntil('one of search-order', 300_000, () => replicasByHpa(lab, 1), 1_000),
  )
  const load = await startOrders(site, ordersPerSecond, lab.signal)
  await see('transaction to 3 under load', async () => {
    const three = ['minReplicas=3', 'maxReplicas=3'].map(set => `services.transaction.autoscaling.${set}`)
    // So that a second of search-order is asked for by as few orders as these.
    const early = 'services.search-order.autoscaling.targetCPU=20'
    await upgrade('--set', [...three, early].join())
    return waitUntil('three pods that work', 120_000, () => handled(lab, 3), 1_000)
  })
  await see('the HPA rises with the load', () =>
    waitUntil('two of search-order', 180_000, () => replicasByHpa(lab, 2), 1_000),
  )
  await see('no order lost, none charged twice', async () => seePaid(lab, await load.stop()))
  await seeBrokers(lab, checks, site)
  await see('a call that is not allowed', () => seeForbidden(lab))
  await see('rollback to the first', async () => {
    await helm('rollback', release, '1', '--wait', '--timeout', '5m')
    const { restaurants } = catalogue()
    await waitForRestaurant(site, restaurants[0]?.name ?? '')
    return `the first catalogue is back; ${await test()}`
  })
  if (keep) return console.log(`The site: ${site}`)
  await see('uninstall leaves nothing', async () => {
    await helm('uninstall', release, '--wait', '--timeout', '3m')
    await kubectl('delete', 'pod', `${release}-test`)
    const kinds = await lab.run('kubectl', ['api-resources', '--namespaced', '--verbs=list', '-o', 'name'])
    const left = async () => {
      const all = await kubectl('get', kinds.split('\n').join(), '-o', 'name', '--ignore-not-found')
      return all.split('\n').filter(name => name && !/^event|\/default$|\/kube-root-ca.crt$/.test(name))
    }
    await waitUntil('an empty namespace', 60_000, async () => (await left()).length === 0, 1_000).catch(
      async () => {
        throw new Trouble(`There are still ${(await left()).join(', ')}.`)
      },
    )
    return 'the namespace is as empty as before'
  })
}

const lastLine = (text: string) => text.split('\n').at(-1) ?? ''

/** The namespace takes no pod that is less than restricted, and all that are there run. */
async function seeRestricted({ run }: Lab): Promise<string> {
  const words = ['run', 'root', '--image=kafka-restaurants/web:0.1.0', '--dry-run=server']
  const taken = await run('kubectl', [...words, '--namespace', namespace]).catch(String)
  if (!taken.includes('violates PodSecurity "restricted')) throw new Trouble(`A pod as root: ${taken}`)
  const pods: { items: { metadata: { name: string }; status: { phase: string } }[] } = JSON.parse(
    await run('kubectl', ['get', 'pods', '--namespace', namespace, '-o', 'json']),
  )
  const others = pods.items.filter(({ status }) => status.phase !== 'Running')
  if (others.length > 0) throw new Trouble(`Not running: ${others.map(({ metadata }) => metadata.name)}`)
  return `${pods.items.length} pods run; one as root is refused`
}

/**
 * The diner's journeys in a browser, with all that Minikube's users have: a site without TLS under an address, on which
 * a browser has no WebCrypto. The journeys that need it take the site for secure.
 */
async function journeys(site: string, inbox: string): Promise<string> {
  const { executable, env } = await findBrowser()
  const environment = { ...process.env, ...env, SITE_URL: site, INBOX_URL: inbox, CHROME_BIN: executable }
  const sealed = '@sealed'
  const counts = [
    await play(['order', 'search', '--grep-invert', sealed], environment),
    await play(['order', '--grep', sealed], { ...environment, TRUSTED_ORIGIN: site }),
  ]
  return `${sum(counts).passed} passed`
}

async function play(words: string[], env: NodeJS.ProcessEnv): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'journeys-'))
  const report = join(folder, 'browser.json')
  try {
    await promisify(execFile)('pnpm', ['exec', 'playwright', 'test', '--reporter=list,json', ...words], {
      cwd: root,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
      maxBuffer: 1 << 26,
    }).catch(({ stdout, stderr }) => {
      throw new Trouble(`${stdout}${stderr}`)
    })
    const count = countPlaywright(JSON.parse(readFileSync(report, 'utf8')))
    if (count.failed > 0 || count.passed === 0)
      throw new Trouble(`${count.passed} passed of ${words.join(' ')}`)
    return count
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const catalogueFile = resolve(root, 'helm/files/restaurants.json')
const catalogue = (): { restaurants: { name: string }[] } => JSON.parse(readFileSync(catalogueFile, 'utf8'))

/** The catalogue, its first restaurant under another name, as a file for `use`. */
async function withOtherCatalogue(use: (file: string, name: string) => Promise<string>): Promise<string> {
  const { restaurants, ...rest } = catalogue()
  const [first, ...others] = restaurants
  const name = 'The New Place'
  const folder = mkdtempSync(join(tmpdir(), 'catalogue-'))
  const file = join(folder, 'restaurants.json')
  writeFileSync(file, JSON.stringify({ ...rest, restaurants: [{ ...first, name }, ...others] }))
  try {
    return await use(file, name)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const ofPart = (part: string) => [`--selector=app.kubernetes.io/component=${part}`, '--namespace', namespace]

/** Of which ReplicaSets the pods of a part are, and how often they were restarted: `6d4cf56db6 0`. */
async function podsOf({ run }: Lab, part: string): Promise<string> {
  const restarts = '{.status.containerStatuses[0].restartCount}'
  const each = `{range .items[*]}{.metadata.labels.pod-template-hash} ${restarts}{"\\n"}{end}`
  const pods = await run('kubectl', ['get', 'pods', ...ofPart(part), '-o', `jsonpath=${each}`])
  return [...new Set(pods.split('\n'))].join(', ')
}

/** How many orders each pod of transaction has handled, once that many pods have handled a good many. */
async function handled({ run }: Lab, pods: number): Promise<string | undefined> {
  const names = await run('kubectl', ['get', 'pods', ...ofPart('transaction'), '-o', 'name'])
  const counts = await Promise.all(
    names.split('\n').map(async name => {
      const path = `/api/v1/namespaces/${namespace}/pods/${name.replace('pod/', '')}:9464/proxy/metrics`
      const metrics = await run('kubectl', ['get', '--raw', path]).catch(() => '')
      return Number(/^kafka_records_total\{.*outcome="handled".*\} (\d+)/m.exec(metrics)?.[1] ?? 0)
    }),
  )
  return counts.filter(count => count >= 50).length === pods ? `${counts.join(', ')} orders each` : undefined
}

/** The CPU that the HPA of search-order sees, once it wants that many replicas and they are ready. */
async function replicasByHpa({ run }: Lab, wanted: number): Promise<string | undefined> {
  const names = ['hpa/kafka-restaurants-search-order', 'deployment/kafka-restaurants-search-order']
  const { items }: { items: [Hpa, { status: { replicas: number; readyReplicas?: number } }] } = JSON.parse(
    await run('kubectl', ['get', ...names, '--namespace', namespace, '-o', 'json']),
  )
  const [{ status: hpa }, { status: deployment }] = items
  const all = [hpa.desiredReplicas, deployment.replicas, deployment.readyReplicas]
  if (!all.every(count => count === wanted)) return undefined
  const cpu = hpa.currentMetrics?.[0]?.resource.current.averageUtilization
  return `${wanted} of search-order, at ${cpu} % of the CPU they asked for`
}

interface Hpa {
  status: {
    desiredReplicas: number
    currentMetrics?: { resource: { current: { averageUtilization: number } } }[]
  }
}

/** The bank answers who has its label, and nobody else. */
async function seeForbidden({ run }: Lab): Promise<string> {
  const bank = ['get', 'service', 'kafka-restaurants-bank', '--namespace', namespace]
  const address = await run('kubectl', [...bank, '-o', 'jsonpath={.spec.clusterIP}'])
  const ask = async (name: string, labels: Record<string, string>) => {
    await run(
      'kubectl',
      ['apply', '-f', '-'],
      JSON.stringify(callerPod(name, labels, `http://${address}:5005/health`)),
    )
    const pod = [`pod/${name}`, '--namespace', namespace]
    await run('kubectl', ['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=90s', ...pod])
    const said = await run('kubectl', ['logs', ...pod])
    await run('kubectl', ['delete', ...pod, '--wait'])
    return said
  }
  const stranger = await ask('stranger', {})
  const friend = await ask('friend', {
    'app.kubernetes.io/name': 'kafka-restaurants',
    'app.kubernetes.io/instance': release,
    'may-call-bank': 'http',
  })
  if (friend !== 'answered 200') throw new Trouble(`With the label, a pod's call ${friend}`)
  if (!stranger.startsWith('refused')) throw new Trouble(`Without the label, a pod's call ${stranger}`)
  return `${stranger} without the label, ${friend} with it`
}

/** A pod that calls, for ten seconds until it is answered, and says what came of it. */
const callerPod = (name: string, labels: Record<string, string>, url: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'caller',
        image: 'kafka-restaurants/web:0.1.0',
        imagePullPolicy: 'IfNotPresent',
        args: ['-e', callerScript(url)],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
})

const callerScript = (url: string) => `
  const end = Date.now() + 10_000
  let said
  while (!said?.startsWith('answered') && Date.now() < end) {
    said = await fetch('${url}', { signal: AbortSignal.timeout(2_000) }).then(
      answer => 'answered ' + answer.status,
      error => 'refused (' + (error.cause?.code ?? error.name) + ')',
    )
  }
  console.log(said)`
