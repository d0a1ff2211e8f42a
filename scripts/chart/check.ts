// node scripts/chart/check.ts: all that can be known of the chart, of kafka-cluster/ and of argocd/ without a cluster.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findLab, inLab } from '../cluster/lab.ts'
import { root } from '../paths.ts'
import { reportFailure, Trouble } from '../trouble.ts'
import { refusals } from './refusals.ts'

try {
  checkAll(findLab())
} catch (error) {
  reportFailure(error)
}

function checkAll(lab: string): void {
  const faults: string[] = []
  const check = (what: string, work: () => string) => {
    try {
      console.log(`✓ ${what} ${work()}`)
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
  check(
    'the tools',
    () => tool(join(lab, 'k8s/build.sh'), ['lint', 'schemas']).trim().split('\n').at(-1) ?? '',
  )
  check('ct lint', () => {
    // The chart is no entry of a chart repository: its version is the project's.
    tool('ct', ['lint', '--charts', 'helm', '--check-version-increment=false'])
    return ''
  })
  for (const scenario of readdirSync(resolve(root, 'helm/ci'))) {
    check(`helm/ci/${scenario}`, () => {
      const resources = template('helm', '--namespace', 'restaurants', '--values', join('helm/ci', scenario))
      const counted = valid(resources)
      tool('kube-score', ['score', '--output-format', 'ci', '-'], resources)
      return counted
    })
  }
  for (const { values, words } of refusals) check(`refused: ${values}`, () => refused(lab, values, words))
  for (const overlay of readdirSync(resolve(root, 'kafka-cluster/overlays'))) {
    check(`kafka-cluster/overlays/${overlay}`, () =>
      valid(tool('kubectl', ['kustomize', `kafka-cluster/overlays/${overlay}`])),
    )
  }
  check('argocd', () => {
    const files = ['project.yaml', 'app-of-apps.yaml'].map(file =>
      readFileSync(resolve(root, 'argocd', file), 'utf8'),
    )
    return valid([template('argocd/apps'), ...files].join('\n---\n'))
  })
  if (faults.length > 0) throw new Trouble(`${faults.length} of these checks failed: ${faults.join(', ')}`)
}

function refused(lab: string, values: string, words: string): string {
  const { command, args } = inLab(lab, 'helm', ['template', 'kafka-restaurants', 'helm', '--set', values])
  const { status, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) throw new Trouble('It was taken.')
  if (!stderr.includes(words)) throw new Trouble(`Without the words "${words}":\n${stderr}`)
  return ''
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
