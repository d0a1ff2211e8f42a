import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { stringify } from 'yaml'
import { type Command, type LoggedChild, spawnLogged } from '../child.ts'
import type { Fetching } from '../maven.ts'
import { toolsDir } from '../paths.ts'
import { findTool } from '../tools/find.ts'
import { alone } from '../tools/get.ts'
import { buildWithGo, goIsHere, oldestGo } from '../tools/go.ts'
import type { Exec } from '../tools/step.ts'
import { withoutIt } from './without-it.ts'

const program = 'victoria-metrics'
/** The folder of the dashboards that it shows. */
export const dashboards = resolve(import.meta.dirname, 'dashboards')
const tellEveryMs = 15_000

/** @throws Trouble where it is not here, and can't be built */
export function checkVictoriaMetrics(): void {
  if (findTool(program) || goIsHere()) return
  throw new Trouble(
    `Metrics are shown by VictoriaMetrics, which is built once with Go, and there is no Go 1.${oldestGo} or later here: install it. ${withoutIt}`,
  )
}

/** Prometheus's words for what is fetched how often: each part's metrics, by its name as the job. */
export function scrapeConfig(metricsPorts: Record<string, number>): string {
  return stringify({
    global: { scrape_interval: '5s', scrape_timeout: '4s' },
    scrape_configs: Object.entries(metricsPorts).map(([job_name, port]) => ({
      job_name,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  })
}

/**
 * VictoriaMetrics, which is built once with Go, listens on 127.0.0.1, fetches the metrics of all parts, and keeps them for a
 * week in `folder`.
 * @param logFile of the build
 * @throws Trouble where it can't be had
 */
export async function victoriaMetricsCommand(
  { port, folder, metricsPorts }: { port: number; folder: string; metricsPorts: Record<string, number> },
  fetching: Fetching & { logFile: string },
): Promise<Command> {
  if (!findTool(program)) await build(fetching)
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'scrape.yaml')
  writeFileSync(config, scrapeConfig(metricsPorts))
  const flags = {
    httpListenAddr: `127.0.0.1:${port}`,
    storageDataPath: join(folder, 'data'),
    retentionPeriod: '7d',
    'memory.allowedBytes': '128MB',
    'promscrape.config': config,
    // What came a moment ago is shown: nothing comes late from this machine.
    'search.latencyOffset': '1s',
    'vmui.customDashboardsPath': dashboards,
  }
  const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`)
  return { command: findTool(program) ?? program, args }
}

async function build({ progress = () => {}, watch, logFile }: Fetching & { logFile: string }): Promise<void> {
  let child: LoggedChild | undefined
  const exec: Exec = async (command, args, options = {}) => {
    child = spawnLogged({ command, args, env: process.env, ...options }, logFile)
    watch?.(child)
    const { code, reason } = await child.exited
    if (code === 0) return
    throw new Trouble(
      `VictoriaMetrics could not be built (${reason}). Is the network there? The end of ${logFile}:\n${child.lastLines(6)}\n${withoutIt}`,
    )
  }
  await alone(progress, toolsDir, async () => {
    if (findTool(program)) return // by the other, meanwhile
    progress('building VictoriaMetrics with Go, once')
    const timer = setInterval(() => progress(`building: ${child?.lastLines(1).trim()}`), tellEveryMs)
    try {
      await buildWithGo(program, exec)
    } finally {
      clearInterval(timer)
    }
  })
}
