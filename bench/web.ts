import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium } from '@playwright/test'
import { RestaurantSummary } from 'kafka-restaurants-contracts'
import { findBrowser } from 'kafka-restaurants-dev-env/browser'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset, freePort } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { readArgs, wholeNumber } from 'kafka-restaurants-service/command'
import lighthouse, { type Result } from 'lighthouse'
import { percentile } from './measure.ts'

const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const

/**
 * Builds the site, starts a platform of its own, and lets Lighthouse look at the search and at a restaurant as a phone
 * would see them: its scores, when the largest thing is drawn, how much moves, and what scripts a page loads first.
 */
export async function benchWeb(args: string[]): Promise<void> {
  const { values } = readArgs({ args, options: { rounds: { type: 'string' } } })
  const rounds = wholeNumber('--rounds', values.rounds, 3, { min: 1 })
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-bench-'))
  const platform = await startPlatform({ dataDir, portOffset: await freeOffset(), ...showProgress() })
  try {
    const { site, searchOrder } = platform.urls
    const [first] = RestaurantSummary.array().parse(
      await (await fetch(`${searchOrder}/search?limit=1`)).json(),
    )
    console.log(`\nLighthouse's phone, median of ${rounds}; scripts as a page names them, gzipped by zlib`)
    console.log(row('page', [...categories, 'LCP', 'CLS', 'blocked', 'first-load JS']))
    for (const [name, path] of [
      ['search', '/'],
      ['restaurant', `/restaurants/${first?.id}`],
    ] as const) {
      const results: Result[] = []
      while (results.length < rounds) results.push(await auditedAtLast(site + path))
      const scripts = await firstLoadScripts(site + path)
      console.log(row(name, [...figures(results), `${(scripts / 1000).toFixed(1)} kB`]))
      for (const fault of faultsOf(results)) console.log(`  ${fault}`)
    }
  } finally {
    await platform.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Chromium now and then loses the beginning of a page's trace, and Lighthouse asks to be run again. */
const mostTries = 3

async function auditedAtLast(url: string): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await audited(url)
    } catch (error) {
      if (attempt === mostTries) throw error
      console.log(`  ${error instanceof Error ? error.message : error}`)
    }
  }
}

/** In a browser of its own, so that nothing is cached. */
async function audited(url: string): Promise<Result> {
  const found = await findBrowser()
  const port = await freePort()
  const browser = await chromium.launch({
    executablePath: found.executable,
    env: { ...process.env, ...found.env },
    args: ['--no-sandbox', `--remote-debugging-port=${port}`],
  })
  try {
    const run = await lighthouse(url, { port, logLevel: 'error', onlyCategories: [...categories] })
    if (!run || run.lhr.runtimeError)
      throw new Error(`Lighthouse: ${run?.lhr.runtimeError?.message ?? 'nothing'}`)
    return run.lhr
  } finally {
    await browser.close()
  }
}

function figures(results: Result[]): string[] {
  const median = (of: (result: Result) => number | null | undefined) =>
    percentile(
      results.map(result => of(result) ?? Number.NaN),
      50,
    )
  const audit = (id: string) => median(({ audits }) => audits[id]?.numericValue)
  return [
    ...categories.map(id => String(Math.round(100 * median(result => result.categories[id]?.score)))),
    `${(audit('largest-contentful-paint') / 1000).toFixed(2)} s`,
    audit('cumulative-layout-shift').toFixed(3),
    `${audit('total-blocking-time').toFixed(0)} ms`,
  ]
}

/** What keeps a category from 100, the performance aside, which says itself why. */
const faultsOf = (results: Result[]) =>
  new Set(
    results.flatMap(({ categories: all, audits }) =>
      categories
        .slice(1)
        .flatMap(id =>
          (all[id]?.auditRefs ?? [])
            .filter(ref => ref.weight > 0 && (audits[ref.id]?.score ?? 1) < 1)
            .map(ref => `${id}: ${audits[ref.id]?.title}`),
        ),
    ),
  )

/** The bytes of the scripts in a page's HTML; those for old browsers, which others do not load, aside. */
async function firstLoadScripts(url: string): Promise<number> {
  const html = await (await fetch(url)).text()
  const tags = [...html.matchAll(/<script\b[^>]*>/g)]
    .map(([tag]) => tag)
    .filter(tag => !/nomodule/i.test(tag))
  const paths = new Set(tags.flatMap(tag => /\bsrc="([^"]+)"/.exec(tag)?.[1] ?? []))
  const sizes = [...paths].map(async path => {
    const script = await (await fetch(new URL(path, url))).arrayBuffer()
    return gzipSync(script).length
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const row = (name: string, cells: string[]) =>
  [name.padEnd(11), ...cells.map(cell => cell.padStart(Math.max(cell.length, 10)))].join('  ')
