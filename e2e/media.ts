import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { findBrowser } from 'kafka-restaurants-dev-env/browser'
import { root } from 'kafka-restaurants-dev-env/paths'
import { type Platform, startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { readArgs, reportFailure, UsageError } from 'kafka-restaurants-service/command'
import { offered } from '../apps/web/i18n/languages.ts'
import { pageNames, type Shown, shownPages } from './media-pages.ts'
import { type Screen, sheet } from './media-sheet.ts'

const help = `npm run media [page…]: makes the pictures in media/ from a platform of its own.

One picture a page and language, with the page as phones, tablets and screens show it, light and dark. Without names all
pages: ${pageNames.join(', ')}.`

const folder = join(root, 'media')
/** Higher than this, a page is cut off. */
const mostHeight = 1_800

try {
  const { values, positionals } = readArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) console.log(help)
  else await makePictures(pagesOf(positionals))
} catch (error) {
  reportFailure(error)
}

/** @throws UsageError for a page that there is not */
function pagesOf(names: string[]): readonly (typeof pageNames)[number][] {
  const unknown = names.find(name => !pageNames.some(each => each === name))
  if (unknown !== undefined)
    throw new UsageError(`There is no page "${unknown}". There are: ${pageNames.join(', ')}.`)
  return names.length > 0 ? pageNames.filter(name => names.includes(name)) : pageNames
}

async function makePictures(wanted: readonly (typeof pageNames)[number][]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const found = await findBrowser()
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restaurants-media-'))
  const platform = await startPlatform({ dataDir, portOffset: await freeOffset(), ...showProgress() })
  const browser = await chromium.launch({
    executablePath: found.executable,
    env: { ...process.env, ...found.env },
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  try {
    for (const language of offered) {
      const pages = await shownPages(platform, language)
      for (const name of wanted) {
        const file = join(folder, `${name}-${language}.webp`)
        const bytes = await sheet(await screensOf(browser, platform, pages[name], language), file)
        console.log(`${name}, ${language}: ${Math.round(bytes / 1000)} kB`)
      }
    }
  } finally {
    await browser.close()
    await platform.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function screensOf(
  browser: Browser,
  { urls, kitchenPassword }: Platform,
  { path, prepare, own }: Shown,
  locale: string,
): Promise<Screen[]> {
  const screens: Screen[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 860],
      [768, 1024],
      [360, 740],
    ] as const) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        locale,
        reducedMotion: 'reduce',
        httpCredentials: { username: 'staff', password: kitchenPassword },
      })
      if (own) {
        await context.addInitScript(`localStorage.setItem('orders', ${JSON.stringify(JSON.stringify(own))})`)
      }
      const page = await context.newPage()
      await page.goto(new URL(path, urls.site).href)
      await page.getByRole('heading').first().waitFor()
      await prepare?.(page)
      // Nothing looks as if somebody were about to press it.
      await page.mouse.move(0, 0)
      // Of what is live nothing is ever idle: what is drawn at once is there by then.
      await page.evaluate('document.fonts.ready')
      const whole = (await page.evaluate('document.documentElement.scrollHeight')) as number
      await page.setViewportSize({ width, height: Math.min(Math.max(whole, height), mostHeight) })
      await page.evaluate('scrollTo(0, 0)')
      screens.push({ width, isDark: colorScheme === 'dark', image: await page.screenshot() })
      await context.close()
    }
  }
  return screens
}
