import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { Trouble } from 'kafka-restaurants-service/command'

export interface Browser {
  executable: string
  /** What must be added to the environment of whoever starts it. */
  env: Record<string, string>
}

const systemBrowsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const macBrowsers = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * Finds a Chromium: CHROME_BIN, else Playwright's own, else the system's, else the one from npm (Linux x64).
 * @throws Trouble that says how to get one
 */
export async function findBrowser(env = process.env): Promise<Browser> {
  if (env.CHROME_BIN && !runs(env.CHROME_BIN))
    throw new Trouble(`CHROME_BIN is ${env.CHROME_BIN}, and that does not run.`)
  const installed = installedBrowser(env)
  if (installed) return { executable: installed, env: {} }
  const fromNpm = await browserFromNpm()
  if (fromNpm) return fromNpm
  throw new Trouble(
    'No browser was found for the browser journeys. Install Chromium or Chrome, or name one: CHROME_BIN=/path npm test',
  )
}

/** The one that CHROME_BIN names, Playwright's own, or the system's. */
export const installedBrowser = (env = process.env) =>
  env.CHROME_BIN || [chromium.executablePath(), ...onPath(env.PATH ?? ''), ...macBrowsers].find(existsSync)

const onPath = (path: string) =>
  path.split(delimiter).flatMap(folder => systemBrowsers.map(name => join(folder, name)))

/** The package is optional: npm has it for Linux x64 alone. On a bare machine it also brings the libraries it needs. */
async function browserFromNpm(): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const packaged = await import('@sparticuz/chromium').catch(() => undefined)
  if (!packaged) return undefined
  const executable = await packaged.default.executablePath()
  if (runs(executable)) return { executable, env: {} }
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const libraries = await packaged.inflate(join(dirname(main), '../bin/al2023.tar.br'))
  const env = {
    LD_LIBRARY_PATH: [join(libraries, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  }
  return runs(executable, env) ? { executable, env } : undefined
}

const runs = (executable: string, env: Record<string, string> = {}) =>
  spawnSync(executable, ['--no-sandbox', '--version'], { env: { ...process.env, ...env } }).status === 0
