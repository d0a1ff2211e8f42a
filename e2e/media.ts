import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findBrowser } from 'kafka-restaurants-dev-env/browser'
import { root } from 'kafka-restaurants-dev-env/paths'
import { startPlatform } from 'kafka-restaurants-dev-env/platform/platform'
import { freeOffset } from 'kafka-restaurants-dev-env/ports'
import { showProgress } from 'kafka-restaurants-dev-env/progress'
import { readArgs, reportFailure } from 'kafka-restaurants-service/command'

const help = `npm run media: makes the pictures in media/ from a platform of its own.`

try {
  const { values } = readArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(help)
  else await makePictures()
} catch (error) {
  reportFailure(error)
}

async function makePictures(): Promise<void> {
  const folder = join(root, 'media')
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
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    await page.goto(platform.urls.site)
    await page
      .getByRole('link', { name: /Olive & Thyme/ })
      .first()
      .waitFor()
    await page.screenshot({ path: join(folder, 'search.png') })
    await page.goto(`${platform.urls.site}/restaurants/olive-and-thyme`)
    await page.getByLabel(/card/i).first().waitFor()
    await page.screenshot({ path: join(folder, 'order.png'), fullPage: true })
  } finally {
    await browser.close()
    await platform.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
