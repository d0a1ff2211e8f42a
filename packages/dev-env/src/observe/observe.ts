import { join } from 'node:path'
import { type Command, spawnLogged } from '../child.ts'
import type { Fetching } from '../maven.ts'
import { localUrl, type Parts } from '../platform/parts.ts'
import type { ProcessGroup } from '../platform/process-group.ts'
import type { Ports } from '../ports.ts'
import { otlpCommand } from './otlp.ts'
import { hasOwnCollector } from './send-traces.ts'
import { checkVictoriaMetrics, victoriaMetricsCommand } from './victoria-metrics.ts'
import { checkZipkin, zipkinCommand } from './zipkin.ts'

/** The processes that show what a platform does, by the names of their ports: its traces, and its metrics. */
export type Observer = 'Zipkin' | 'OTLP' | 'VictoriaMetrics'

/** Those that a platform needs. */
export const observers = (env = process.env): Observer[] =>
  hasOwnCollector(env) ? ['VictoriaMetrics'] : ['Zipkin', 'OTLP', 'VictoriaMetrics']

/** @throws Trouble that says what is missing here */
export function checkObservers(): void {
  if (observers().includes('Zipkin')) checkZipkin()
  checkVictoriaMetrics()
}

/** Where people see the traces of orders, and the dashboard of our metrics. */
export const observeUrls = (ports: Pick<Ports, Observer>, env = process.env) => ({
  traces: hasOwnCollector(env) ? undefined : localUrl(ports.OTLP),
  metrics: `${localUrl(ports.VictoriaMetrics)}/vmui/#/dashboards`,
})

/** Where each part has its metrics. */
export const metricsPortsOf = (parts: Parts, ports: Ports): Record<string, number> =>
  Object.fromEntries(
    Object.keys(parts).map(name => [
      name,
      (ports as Record<string, number>)[`${name} metrics`] ?? Number.NaN,
    ]),
  )

interface Observed {
  ports: Ports
  parts: Parts
  dataDir: string
  say: (line: string) => void
}

/** Gets and starts them; `timed` is told of each. @throws Trouble where one can't be had, or does not start */
export async function startObservers(
  group: ProcessGroup,
  { ports, parts, dataDir, say }: Observed,
  timed: (what: string, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const fetching: Fetching = { progress: say, watch: group.watch }
  const commands: Record<Observer, () => Promise<Command> | Command> = {
    Zipkin: () => zipkinCommand(ports.Zipkin, fetching),
    OTLP: () => otlpCommand({ PORT: String(ports.OTLP), ZIPKIN_URL: localUrl(ports.Zipkin) }),
    VictoriaMetrics: () =>
      victoriaMetricsCommand(
        {
          port: ports.VictoriaMetrics,
          folder: join(dataDir, 'metrics'),
          metricsPorts: metricsPortsOf(parts, ports),
        },
        { ...fetching, logFile: group.logFile('VictoriaMetrics-build') },
      ),
  }
  const start = (name: Observer) =>
    timed(name, async () => {
      const command = await commands[name]()
      const spawn = () => spawnLogged(command, group.logFile(name))
      await group.run(name, { [name]: ports[name] }, spawn, () => waitsFor(ports[name]))
    })
  await Promise.all(observers().map(start))
}

/** All of them answer so when they can be asked. */
async function waitsFor(port: number): Promise<string[] | undefined> {
  try {
    const { ok } = await fetch(`${localUrl(port)}/health`, { signal: AbortSignal.timeout(2_000) })
    return ok ? [] : undefined
  } catch {
    return undefined
  }
}
