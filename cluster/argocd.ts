import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import { parseAllDocuments } from 'yaml'
import type { Checks } from './checks.ts'
import { type Lab, namespace } from './raise.ts'
import { siteOf, waitForRestaurant } from './site.ts'

const inArgo = ['--namespace', 'argocd']
const ours = ['--namespace', namespace]

/** Argo CD installs the restaurant from a clone of this repository, and then keeps the cluster like the clone. */
export async function seeArgoCd(lab: Lab, { see, need }: Checks, keep: boolean): Promise<void> {
  const kubectl = (...words: string[]) => lab.run('kubectl', words)
  const folder = mkdtempSync(join(tmpdir(), 'argocd-'))
  const clone = join(folder, 'kafka-restaurants')
  const git = (...words: string[]) => lab.run('git', ['-C', clone, ...words])
  const catalogue = join(clone, 'helm/files/restaurants.json')
  let site = ''
  try {
    await need('Argo CD', async () => {
      await lab.script('k8s/build.sh', 'argocd')
      await lab.script('k8s/argocd.sh', 'up')
      const settings = ['--patch-file', resolve(root, 'argocd/argocd-cm.yaml')]
      await kubectl('patch', 'configmap', 'argocd-cm', ...inArgo, '--type=merge', ...settings)
      // Those of a run that was stopped: Argo CD itself has to take them away.
      await kubectl('delete', 'applications', '--all', ...inArgo, '--timeout=3m')
      return 'up, with argocd/argocd-cm.yaml'
    })
    await need('a clone', async () => {
      await lab.run('git', ['clone', '--quiet', root, clone])
      await git('checkout', '--quiet', '-B', 'main')
      await git('config', 'user.name', 'An operator')
      await git('config', 'user.email', 'operator@example.com')
      return git('log', '--oneline', '-1')
    })
    await need('the app of apps', async () => {
      await lab.run('kubectl', ['apply', '-f', join(clone, 'argocd/project.yaml')])
      await lab.run('kubectl', ['apply', '-f', '-'], appOfApps(clone))
      const parts = await waitForApplications(lab)
      site = await siteOf(lab)
      return parts
    })
    await see('a commit changes the site', async () => {
      const name = 'The Committed Place'
      const { restaurants, ...rest } = JSON.parse(readFileSync(catalogue, 'utf8'))
      const [first, ...others] = restaurants
      writeFileSync(catalogue, JSON.stringify({ ...rest, restaurants: [{ ...first, name }, ...others] }))
      await git('commit', '--quiet', '--all', '--message', 'Rename a restaurant')
      return `seen on the site after ${await waitForRestaurant(site, name)}`
    })
    await see('a manual change heals', async () => {
      const deployment = ['deployment/kafka-restaurants-transaction', ...ours]
      const restaurants = ['configmap/restaurantsdb', ...ours]
      await kubectl('set', 'env', ...deployment, 'BANK_URL=http://nowhere:1')
      await kubectl('delete', ...restaurants)
      const startedAt = Date.now()
      await waitUntil('both as in the repository', 180_000, async () => {
        const env = await kubectl('set', 'env', ...deployment, '--list')
        const found = await kubectl('get', ...restaurants, '-o', 'name', '--ignore-not-found')
        return found !== '' && env.includes('BANK_URL=http://kafka-restaurants-bank:5005')
      })
      await waitForApplications(lab)
      return `environment and catalogue were back after ${((Date.now() - startedAt) / 1000).toFixed(0)} s`
    })
    await see("Strimzi's CRDs stay as they are", () => seeOperatorInSync(lab, clone))
    if (keep) return console.log(`The site: ${site}`)
    await see('away with it', async () => {
      await kubectl('delete', 'application/kafka-restaurants', ...inArgo, '--timeout=3m')
      const left = () => kubectl('get', 'deployments,services,pvc,configmaps', ...ours, '-o', 'name')
      await waitUntil(
        'an empty namespace',
        60_000,
        async () => (await left()) === 'configmap/kube-root-ca.crt',
      )
      return 'the namespace is as empty as before'
    })
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The lab runs no operator, but what Argo CD compares of its chart and Kubernetes may change is its CRDs: those of the lab,
 * from the clone, with all else as argocd/apps has it.
 */
async function seeOperatorInSync({ run }: Pick<Lab, 'run'>, clone: string): Promise<string> {
  const name = 'strimzi'
  const chart = join(clone, name)
  const applications = parseAllDocuments(
    await run('helm', ['template', 'apps', resolve(root, 'argocd/apps')]),
  )
  const application = applications.map(each => each.toJSON()).find(({ metadata }) => metadata.name === name)
  mkdirSync(join(chart, 'crds'), { recursive: true })
  await run('bash', ['-c', 'cp "$LAB_STATE"/k8s/crds/strimzi/*.yaml "$0"', join(chart, 'crds')])
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.2.0\n`)
  await run('git', ['-C', clone, 'add', name])
  await run('git', ['-C', clone, 'commit', '--quiet', '--message', "Add Strimzi's CRDs"])
  application.spec.source = { repoURL: `file://${clone}`, targetRevision: 'main', path: name }
  await run('kubectl', ['apply', '-f', '-'], JSON.stringify(application))
  let seen: Application['status']
  try {
    await waitUntil('CRDs that are in sync', 180_000, async () => {
      seen = JSON.parse(await run('kubectl', ['get', `application/${name}`, ...inArgo, '-o', 'json'])).status
      return seen?.sync?.status === 'Synced' && seen.operationState?.phase === 'Succeeded'
    })
    return `${seen?.resources?.length} of them, after the sync`
  } catch (error) {
    const astray = seen?.resources?.filter(({ status }) => status !== 'Synced').map(each => each.name)
    throw new Trouble(
      `${error instanceof Error ? error.message : error}: not ${astray?.join(', ') ?? 'known'}`,
    )
  } finally {
    await run('kubectl', ['delete', `application/${name}`, ...inArgo, '--timeout=3m'])
  }
}

/** As argocd/app-of-apps.yaml has it, but from the clone, and with the Kafka that is there. */
function appOfApps(clone: string): string {
  const file = readFileSync(join(clone, 'argocd/app-of-apps.yaml'), 'utf8')
  const parameters = { operator: 'false', kafka: '', 'restaurant.topics.create': 'job' }
  const more = Object.entries(parameters).map(
    ([name, value]) => `        - {name: ${name}, value: "${value}"}`,
  )
  return file
    .replace(/repoURL: .*/, `repoURL: file://${clone}`)
    .replace('      parameters:\n', `      parameters:\n${more.join('\n')}\n`)
}

/** Waits until all applications are as in the repository, and work. @returns which these are */
async function waitForApplications({ run }: Lab): Promise<string> {
  let applications: { name: string; sync: string; health: string }[] = []
  const settled = async () => {
    const { items }: { items: Application[] } = JSON.parse(
      await run('kubectl', ['get', 'applications', ...inArgo, '-o', 'json']),
    )
    applications = items.map(({ metadata, status }) => ({
      name: metadata.name,
      sync: status?.sync?.status ?? '?',
      health: status?.health?.status ?? '?',
    }))
    const names = applications.map(({ name }) => name)
    const good = applications.every(({ sync, health }) => sync === 'Synced' && health === 'Healthy')
    return good && names.includes('kafka-restaurants') && names.includes('restaurant')
  }
  const words = () => applications.map(({ name, sync, health }) => `${name} ${sync} ${health}`).join(', ')
  await waitUntil('Synced and Healthy', 480_000, settled, 1_000).catch(error => {
    throw new Trouble(`${error.message}: ${words()}`)
  })
  return words()
}

interface Application {
  metadata: { name: string }
  status?: {
    sync?: { status: string }
    health?: { status: string }
    operationState?: { phase: string }
    resources?: { name: string; status: string }[]
  }
}
