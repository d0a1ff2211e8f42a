import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { type Child, spawnLogged } from '../child.ts'
import { root } from '../paths.ts'
import { siteServer } from './services.ts'

const web = resolve(root, 'apps/web')
const buildId = resolve(web, '.next/BUILD_ID')
const sources = [web, resolve(root, 'packages/contracts'), resolve(root, 'pnpm-lock.yaml')]
/** What is no source: made by the build itself, or not part of it. */
const noSource = /^(\.next|node_modules|next-env\.d\.ts|.*\.tsbuildinfo|.*\.test\.tsx?)$/

/**
 * Builds the site, unless the last build is newer than everything that it is made of.
 * @param watch is given the build's process, so that it can be ended with the rest
 * @returns whether it had to be built
 * @throws Trouble with the end of the build's output
 */
export async function buildSite(logFile: string, watch: (child: Child) => void = () => {}): Promise<boolean> {
  if (siteIsBuilt()) return false
  rmSync(buildId, { force: true }) // an interrupted build must not look like a finished one
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  // Not by pnpm: it gives its children groups of their own, and one that is killed leaves them for a while.
  const build = { command: process.execPath, args: ['--run', 'build'], cwd: web, env }
  const child = spawnLogged(build, logFile)
  watch(child)
  const exit = await child.exited
  if (exit.code === 0) return true
  rmSync(buildId, { force: true })
  throw new Trouble(`The site could not be built (${exit.reason}). From ${logFile}:\n${child.lastLines(30)}`)
}

function siteIsBuilt(): boolean {
  if (!existsSync(buildId) || !existsSync(siteServer)) return false
  const builtAt = statSync(buildId).mtimeMs
  return sources.every(source => newest(source) <= builtAt)
}

/** When the newest file in a folder was changed. */
function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  const times = readdirSync(path)
    .filter(name => !noSource.test(name))
    .map(name => newest(resolve(path, name)))
  return Math.max(0, ...times)
}
