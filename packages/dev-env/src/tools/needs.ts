import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findBrowser, installedBrowser } from '../browser.ts'
import { aptInstall, aptMinor, asRoot, backports, hasApt, isDebian } from './apt.ts'
import { findTool, schemasDir } from './find.ts'
import { buildWithGo, goIsHere, oldestGo } from './go.ts'
import { getLinters, pythonIsHere, runsHere } from './python.ts'
import { makeSchemas } from './schemas.ts'
import type { Exec } from './step.ts'

/** Something that tests need, and neither the packages nor Java and Maven bring. */
export interface Need {
  name: string
  /** The parts of `npm test` that need it. */
  parts: ('unit' | 'integration' | 'chart' | 'browser')[]
  /** What of them is not run without it. */
  tests: string
  isHere: () => boolean
  /** Whether another does where it can't be had. */
  standIn?: () => Promise<boolean>
  way: Way
  /** Its package in Debian and in Homebrew, where they call it otherwise. */
  debian?: string
  brew?: string
}

/** How something is got, or by whom. */
interface Way {
  /** Behind the name of what is got so. */
  says: string
  isOpen: (need: Need) => boolean
  get: (need: Need, exec: Exec) => Promise<void>
  /** For those whom it is not open to. */
  command: (need: Need) => string
}

/** The command that brings packages where we may not. */
function installing(debian: string, brew: string): string {
  if (process.platform === 'darwin') return `brew install ${brew}`
  return hasApt() ? `sudo apt-get install ${debian}` : `install ${debian}`
}

const fromDebian: Way = {
  says: 'with apt-get',
  isOpen: ({ name }) => asRoot() !== undefined && (name !== 'chromium' || isDebian()),
  get: ({ name, debian = name }, exec) => aptInstall(debian, exec),
  command: ({ name, debian = name, brew = name }) => installing(debian, brew),
}

const withGo: Way = {
  says: 'built with Go',
  isOpen: goIsHere,
  get: ({ name }, exec) => buildWithGo(name, exec),
  command: () => {
    const isTooOld = hasApt() && (aptMinor('golang-go') ?? oldestGo) < oldestGo
    return installing(isTooOld ? `--target-release ${backports()} golang-go` : 'golang-go', 'go')
  },
}

const withPython: Way = {
  says: 'with pip',
  isOpen: () => pythonIsHere() || asRoot() !== undefined,
  get: async (_, exec) => {
    if (!pythonIsHere()) await aptInstall('python3-venv', exec)
    await getLinters(exec)
  },
  command: () => installing('python3-venv', 'python'),
}

const ofModules: Way = {
  says: 'from Go modules and Maven artifacts',
  isOpen: () => goIsHere() && findTool('mvn') !== undefined,
  get: (_, exec) => makeSchemas(exec),
  command: need => (goIsHere() ? installing('maven', 'maven') : withGo.command(need)),
}

const onPath = (name: string) => () => findTool(name) !== undefined

/** In the order in which they are got: the schemas may take a Java that pip brings. */
export const needs: Need[] = [
  {
    name: 'nginx',
    parts: ['unit', 'integration', 'browser'],
    tests: 'NGINX as the edge',
    isHere: onPath('nginx'),
    way: fromDebian,
    debian: 'nginx-light',
  },
  {
    name: 'curl',
    parts: ['browser'],
    tests: 'the curls of the README',
    isHere: onPath('curl'),
    way: fromDebian,
  },
  {
    name: 'rabbitmq-server',
    parts: ['integration'],
    tests: 'eventor with RabbitMQ',
    isHere: onPath('rabbitmq-server'),
    way: fromDebian,
    brew: 'rabbitmq',
  },
  {
    name: 'postgresql',
    parts: ['integration'],
    tests: 'tracking with PostgreSQL',
    isHere: onPath('initdb'),
    way: fromDebian,
  },
  {
    name: 'chromium',
    parts: ['browser'],
    tests: 'the browser journeys',
    isHere: () => installedBrowser() !== undefined,
    standIn: () =>
      findBrowser().then(
        () => true,
        () => false,
      ),
    way: fromDebian,
    brew: '--cask chromium',
  },
  {
    name: 'nats-server',
    parts: ['integration'],
    tests: 'eventor with NATS',
    isHere: onPath('nats-server'),
    way: withGo,
  },
  {
    name: 'victoria-metrics',
    parts: ['integration'],
    tests: 'npm start -- --observe',
    isHere: onPath('victoria-metrics'),
    way: withGo,
  },
  {
    name: 'yamllint, yamale',
    parts: ['chart'],
    tests: 'ct lint',
    isHere: () => runsHere('yamllint') && runsHere('yamale'),
    way: withPython,
  },
  { name: 'helm', parts: ['chart'], tests: 'all about the chart', isHere: isHelm3, way: withGo },
  { name: 'ct', parts: ['chart'], tests: 'ct lint', isHere: onPath('ct'), way: withGo },
  {
    name: 'kubeconform',
    parts: ['chart'],
    tests: 'resources against schemas',
    isHere: onPath('kubeconform'),
    way: withGo,
  },
  {
    name: 'kube-score',
    parts: ['chart'],
    tests: 'kube-score of the chart',
    isHere: onPath('kube-score'),
    way: withGo,
  },
  {
    name: 'promtool',
    parts: ['chart'],
    tests: 'when alerts fire',
    isHere: onPath('promtool'),
    way: withGo,
    debian: 'prometheus',
    brew: 'prometheus',
  },
  {
    name: 'kustomize',
    parts: ['chart'],
    tests: 'kafka-cluster/',
    isHere: onPath('kustomize'),
    way: withGo,
  },
  {
    name: 'schemas',
    parts: ['chart'],
    tests: 'resources against schemas',
    isHere: () => existsSync(schemasDir),
    way: ofModules,
  },
]

/** Helm 4 words its refusals otherwise. */
function isHelm3(): boolean {
  const helm = findTool('helm')
  return (
    helm !== undefined && /^v3\./.test(spawnSync(helm, ['version', '--short'], { encoding: 'utf8' }).stdout)
  )
}
