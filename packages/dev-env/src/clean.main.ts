import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { readArgs, reportFailure, Trouble, UsageError } from 'kafka-restaurants-service/command'
import { lockHolder } from './lock.ts'
import { cacheDir, root } from './paths.ts'
import { parts } from './platform/parts.ts'

const help = `npm run clean: removes the data of the platform (DATA_DIR, .data unless given) and what tests left behind.

  npm run clean -- --all   also what was fetched or built: .cache, .tools, the site's build, all node_modules`

const madeByPlatform = new Set([
  ...Object.keys(parts),
  'kafka',
  'logs',
  'metrics',
  'nginx',
  'platform.pid',
  'processes.txt', // by earlier versions
])

try {
  const { values } = readArgs({
    options: { help: { type: 'boolean', short: 'h' }, all: { type: 'boolean' } },
  })
  if (values.help) console.log(help)
  else clean(values.all ?? false)
} catch (error) {
  reportFailure(error)
}

function clean(all: boolean): void {
  const dataDir = resolve(root, process.env.DATA_DIR || '.data')
  const holder = lockHolder(dataDir)
  if (holder) throw new Trouble(`A platform runs on ${dataDir} (process ${holder}). Stop it first.`)
  const left = [
    ...ownData(dataDir),
    ...leftByTests(),
    resolve(root, 'test-results'),
    resolve(root, 'playwright-report'),
  ]
  for (const path of all ? [...left, ...fetchedOrBuilt()] : left) {
    if (!existsSync(path)) continue
    rmSync(path, { recursive: true, force: true })
    console.log(`removed ${path}`)
  }
}

/** A DATA_DIR that was mistyped must cost nobody anything: a folder goes only if a platform can have made all of it. */
function ownData(dataDir: string): string[] {
  if (!existsSync(dataDir)) return []
  if (!statSync(dataDir).isDirectory()) throw new UsageError(`DATA_DIR ${dataDir} is a file.`)
  const strange = readdirSync(dataDir).filter(name => !madeByPlatform.has(name))
  if (strange.length === 0) return [dataDir]
  throw new UsageError(
    `DATA_DIR ${dataDir} holds what no platform made, such as ${strange[0]}, so nothing was removed. Is it the right folder?`,
  )
}

function leftByTests(): string[] {
  if (!existsSync(cacheDir)) return []
  const names = readdirSync(cacheDir).filter(name => name.startsWith('test-'))
  return names.map(name => resolve(cacheDir, name))
}

function fetchedOrBuilt(): string[] {
  const folders = ['packages', 'services', 'apps'].flatMap(folder =>
    readdirSync(resolve(root, folder)).map(name => resolve(root, folder, name)),
  )
  const inParts = folders.flatMap(part => [resolve(part, 'node_modules'), resolve(part, '.next')])
  return [cacheDir, ...inParts, resolve(root, 'node_modules'), resolve(root, '.tools')]
}
