import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import getPort from 'get-port'
import { readArgs, reportFailure } from 'kafka-restaurants-service/command'
import { findBrowser } from './browser.ts'
import { root } from './paths.ts'
import { type Platform, startPlatform } from './platform/platform.ts'
import { buildSite } from './platform/site.ts'
import { freeOffset } from './ports.ts'
import { type Count, countPlaywright, countVitest, nothing, sum } from './testing/count.ts'
import { testRun } from './testing/run.ts'
import { verdict } from './testing/verdict.ts'
import { searchPath } from './tools/find.ts'
import { describeNeeds, getMissing, notRun } from './tools/get.ts'
import { needs } from './tools/needs.ts'

const help = `npm test: everything that must hold, on a fresh machine too. Ends with "N passed, N failed".

  npm test -- static        format, lint, types, unused code
  npm test -- unit          tests without I/O
  npm test -- integration   tests on a real Kafka broker of their own
  npm test -- chart         the chart, kafka-cluster/ and argocd/ against schemas, linters and wrong values
  npm test -- browser       journeys in Chromium through the whole platform
  npm test -- chaos         the platform broken in every way for two minutes, and checked by its own records
  npm test -- unit card     several may be given; other words choose test files by their path
  npm test -- --list        what would be run, and which tools that needs are here, will be got, or are missing

What the tests need beside Node, Java and Maven is got once, into .tools and .cache: tools that are not on the PATH are
built with Go, servers and a browser come from apt-get, as root or with a sudo that asks nothing. The tests of what can't be
had are not run, which is told at the end; with CI=true that is a failure.`

const parts = ['static', 'unit', 'integration', 'chart', 'browser', 'chaos'] as const
type Part = (typeof parts)[number]
const ofSite = ['--filter', 'kafka-restaurants-web', 'exec']

const run = testRun()
let platform: Platform | undefined
const starting = new AbortController()
process.on('exit', () => void platform?.kill())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void giveUp())

try {
  const { values, positionals } = readArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, list: { type: 'boolean' } },
  })
  if (values.help) console.log(help)
  else if (values.list) await list(chosenBy(positionals))
  else await testAll(chosenBy(positionals))
} catch (error) {
  if (!run.signal.aborted) reportFailure(error)
}
await run.end()

/** What the words of the command line choose. */
interface Choice {
  parts: Part[]
  /** Words that the path of a test file must contain. */
  files: string[]
}

function chosenBy(words: string[]): Choice {
  const named = parts.filter(part => words.includes(part))
  const files = words.filter(word => !parts.some(part => part === word))
  return { parts: named.length > 0 ? named : [...parts], files }
}

function neededBy(chosen: Part[]) {
  return needs.filter(({ parts }) => parts.some(part => chosen.includes(part)))
}

async function list({ parts, files }: Choice): Promise<void> {
  console.log('would run:')
  for (const part of parts) {
    const found = testFiles(part, files)
    console.log(
      `  ${part}${found ? `: ${files.length > 0 ? found.join(', ') : `${found.length} files`}` : ''}`,
    )
  }
  console.log('needs:')
  for (const line of await describeNeeds(neededBy(parts))) console.log(`  ${line}`)
}

/** The test files of a part that has some. */
function testFiles(part: Part, words: string[]): string[] | undefined {
  if (part === 'static' || part === 'chart') return undefined
  if (part === 'browser')
    return globSync('e2e/*.spec.ts', { cwd: root }).filter(file => words.every(word => file.includes(word)))
  const args = ['exec', 'vitest', 'list', '--filesOnly', '--project', part, ...words]
  const { stdout } = spawnSync('pnpm', args, { cwd: root, encoding: 'utf8' })
  return [...stdout.matchAll(/^\[\w+\] (.+)$/gm)].map(([, file]) => file ?? '')
}

async function testAll({ parts, files }: Choice): Promise<void> {
  const startedAt = Date.now()
  const wants = (part: Part) => parts.includes(part)
  const missing = await getMissing(neededBy(parts), run)
  process.env.PATH = searchPath()

  // Two cores, two lanes; the journeys, and then chaos, have both.
  const lanes = await Promise.all([
    inTurn([wants('static') && staticChecks, wants('chart') && chart, wants('browser') && siteBuild]),
    inTurn([
      wants('unit') && (() => vitest('unit', files)),
      wants('integration') && (() => vitest('integration', files)),
    ]),
  ])
  const isBrowserMissing = missing.some(({ name }) => name === 'chromium')
  const browser = wants('browser') ? await (isBrowserMissing ? journeysNotRun : journeys)(files) : nothing
  const chaos = wants('chaos') ? await vitest('chaos', files) : nothing
  const { lines, exitCode } = verdict({
    count: sum([...lanes, browser, chaos]),
    notRun: missing.map(notRun),
    seconds: Math.round((Date.now() - startedAt) / 1000),
    isCi: Boolean(process.env.CI) && process.env.CI !== 'false',
    // The static checks are no tests, and may be all there is.
    mustRun: parts.some(part => part !== 'static'),
  })
  console.log(lines.join('\n'))
  process.exitCode = exitCode
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

async function chart(): Promise<Count> {
  const succeeded = await run.tool('chart', process.execPath, [join('cluster', 'chart', 'check.ts')])
  return run.counted('chart.json', succeeded, (count: Count) => count)
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

/** Counts them. */
async function journeysNotRun(files: string[]): Promise<Count> {
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: join(run.dataDir, 'browser.json') }
  const args = ['exec', 'playwright', 'test', '--list', '--reporter=list,json', ...files]
  return run.counted('browser.json', await run.tool('journeys, not run', 'pnpm', args, env), countPlaywright)
}

async function journeys(files: string[]): Promise<Count> {
  const found = await Promise.allSettled([findBrowser()])
  const [browser] = found
  if (browser?.status === 'rejected') return run.attempt('browser', () => Promise.reject(browser.reason))
  let collectorPort = 0
  const started = await run.attempt('platform', async () => {
    const dataDir = join(run.dataDir, 'platform')
    collectorPort = await getPort()
    platform = await startPlatform({
      dataDir,
      portOffset: await freeOffset(),
      signal: starting.signal,
      env: {
        // The journeys are the kitchen's staff.
        KITCHEN_AUTOPILOT: '0',
        ...tracedTo(collectorPort),
      },
    })
  })
  if (!platform || !browser) return started
  const env = {
    SITE_URL: platform.urls.site,
    INBOX_URL: platform.urls.inbox ?? '',
    BANK_ADMIN_URL: platform.urls.bankAdmin,
    BOOTSTRAP_SVR: platform.bootstrap,
    KITCHEN_PASSWORD: platform.kitchenPassword,
    COLLECTOR_PORT: String(collectorPort),
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

/** Nobody listens there but a journey that asks for a trace, and next to nothing is traced unless its browser says so. */
function tracedTo(port: number) {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.000001',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  }
}

/** Ctrl-C: nothing stays, neither processes nor data. */
async function giveUp(): Promise<void> {
  starting.abort()
  await platform?.kill()
  await run.end()
  process.exit(130)
}
