import { join } from 'node:path'
import { findBrowser } from './browser.ts'
import { buildSite } from './platform/site.ts'
import { type Platform, startPlatform } from './platform.ts'
import { freeOffset } from './ports.ts'
import { type Count, countPlaywright, countVitest, sum } from './testing/count.ts'
import { testRun } from './testing/run.ts'
import { readArgs, reportFailure } from './trouble.ts'

const help = `npm test: everything that must hold, on a fresh machine too. Ends with "N passed, N failed".

  npm test -- static        format, lint, types, unused code
  npm test -- unit          tests without I/O
  npm test -- integration   tests on a real Kafka broker of their own
  npm test -- chart         the chart, kafka-cluster/ and argocd/ against schemas, linters and wrong values
  npm test -- browser       journeys in Chromium through the whole platform
  npm test -- chaos         the platform broken in every way for two minutes, and checked by its own records
  npm test -- unit card     several may be given; other words choose test files by their path`

const parts = ['static', 'unit', 'integration', 'chart', 'browser', 'chaos'] as const
const ofSite = ['--filter', 'kafka-restaurants-web', 'exec']
const none: Count = { passed: 0, failed: 0 }

const run = testRun()
let platform: Platform | undefined
const starting = new AbortController()
process.on('exit', () => void platform?.kill())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void giveUp())

try {
  const { values, positionals } = readArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) console.log(help)
  else await testAll(positionals)
} catch (error) {
  reportFailure(error)
}
await run.end()

async function testAll(words: string[]): Promise<void> {
  const startedAt = Date.now()
  const chosen = parts.filter(part => words.includes(part))
  const wants = (part: (typeof parts)[number]) => chosen.length === 0 || chosen.includes(part)
  const files = words.filter(word => !parts.some(part => part === word))

  // Two cores, two lanes; the journeys, and then chaos, have both.
  const lanes = await Promise.all([
    inTurn([wants('static') && staticChecks, wants('chart') && chart, wants('browser') && siteBuild]),
    inTurn([
      wants('unit') && (() => vitest('unit', files)),
      wants('integration') && (() => vitest('integration', files)),
    ]),
  ])
  const browser = wants('browser') ? await journeys(files) : none
  const chaos = wants('chaos') ? await vitest('chaos', files) : none
  const { passed, failed } = sum([...lanes, browser, chaos])
  console.log(`\nin ${((Date.now() - startedAt) / 1000).toFixed(0)} s`)
  console.log(`${passed} passed, ${failed} failed`)
  // Only such checks may be all there is: they are no tests.
  const onlyChecks = chosen.length > 0 && chosen.every(part => part === 'static' || part === 'chart')
  const nothingRan = passed === 0 && !onlyChecks
  if (failed > 0 || nothingRan) process.exitCode = 1
}

async function inTurn(steps: (false | (() => Promise<Count>))[]): Promise<Count> {
  const counts: Count[] = []
  for (const step of steps) if (step) counts.push(await step())
  return sum(counts)
}

function staticChecks(): Promise<Count> {
  return inTurn([
    () => run.check('format and lint', 'pnpm', ['exec', 'biome', 'ci', '--colors=off', '.']),
    () => run.check('types', 'pnpm', ['exec', 'tsc', '-p', '.']),
    () => run.check('route types', 'pnpm', [...ofSite, 'next', 'typegen']),
    () => run.check('types of the site', 'pnpm', [...ofSite, 'tsc', '-p', '.']),
    () => run.check('unused code', 'pnpm', ['exec', 'knip']),
  ])
}

function chart(): Promise<Count> {
  return run.check('chart', process.execPath, [join('scripts', 'chart', 'check.ts')])
}

function siteBuild(): Promise<Count> {
  return run.attempt('site build', () => buildSite(join(run.dataDir, 'site-build.log'), run.watch))
}

async function vitest(project: 'unit' | 'integration' | 'chaos', files: string[]): Promise<Count> {
  const reportFile = `${project}.json`
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(run.dataDir, reportFile)}`,
  ]
  const args = ['exec', 'vitest', 'run', '--project', project, ...reporters, ...files]
  return run.counted(reportFile, await run.tool(`${project} tests`, 'pnpm', args), countVitest)
}

async function journeys(files: string[]): Promise<Count> {
  const found = await Promise.allSettled([findBrowser()])
  const [browser] = found
  if (browser?.status === 'rejected') return run.attempt('browser', () => Promise.reject(browser.reason))
  const started = await run.attempt('platform', async () => {
    const dataDir = join(run.dataDir, 'platform')
    platform = await startPlatform({ dataDir, portOffset: await freeOffset(), signal: starting.signal })
  })
  if (!platform || !browser) return started
  const env = {
    SITE_URL: platform.urls.site,
    INBOX_URL: platform.urls.inbox ?? '',
    BANK_ADMIN_URL: platform.urls.bankAdmin,
    CHROME_BIN: browser.value.executable,
    PLAYWRIGHT_JSON_OUTPUT_FILE: join(run.dataDir, 'browser.json'),
    ...browser.value.env,
  }
  const args = ['exec', 'playwright', 'test', '--reporter=list,json', ...files]
  const succeeded = await run.tool('browser journeys', 'pnpm', args, env)
  await platform.stop()
  platform = undefined
  return run.counted('browser.json', succeeded, countPlaywright)
}

/** Ctrl-C: nothing stays, neither processes nor data. */
async function giveUp(): Promise<void> {
  starting.abort()
  await platform?.kill()
  await run.end()
  process.exit(130)
}
