import { readdirSync, readFileSync } from 'node:fs'
import type { Platform } from 'kafka-restaurants-dev-env/platform/platform'

/** The value below which `percent` of the values lie (nearest rank). */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}

/** Linux counts a process's time in ticks of 10 ms (`getconf CLK_TCK`). */
const ticksPerSecond = 100
const pageBytes = 4096

/** The CPU seconds that each process has used so far, its children's and this one's (the load) included; only on Linux. */
export function cpuSeconds({ processes }: Platform): Map<string, number> {
  const named = [...processes.values()].map(({ name, pid }) => [name, groupSeconds(pid)] as const)
  const load = process.cpuUsage()
  return new Map([...named, ['load', (load.user + load.system) / 1e6]])
}

/** What each part used of the CPU between two readings, the most first, and all of them: a line each. */
export function cpuTable(count: number, before: Map<string, number>, after: Map<string, number>): string[] {
  const used = [...after].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const)
  const all = used.reduce((sum, [, seconds]) => sum + seconds, 0)
  const line = ([name, seconds]: readonly [string, number]) =>
    `${name.padEnd(13)} ${seconds.toFixed(2).padStart(6)} s ${((seconds / count) * 1000).toFixed(2).padStart(6)} ms an order ${((100 * seconds) / all).toFixed(0).padStart(4)} %`
  return ['CPU', ...used.toSorted(([, one], [, other]) => other - one).map(line), line(['all', all])]
}

/** The CPU seconds that one process has used so far; only on Linux. */
export const processSeconds = (pid: number): number =>
  (readStat(String(pid))?.ticks ?? Number.NaN) / ticksPerSecond

/** The memory that each process, with its children, holds now, in MiB; only on Linux. */
export const residentMiB = ({ processes }: Platform): Map<string, number> =>
  new Map(
    [...processes.values()].map(({ name, pid }) => {
      const pages = groupOf(pid).reduce((sum, stat) => sum + stat.pages, 0)
      return [name, (pages * pageBytes) / 1024 / 1024]
    }),
  )

/** Every process leads a group of its own: NGINX's workers count with their master. */
function groupSeconds(leader: number): number {
  if (process.platform !== 'linux') return Number.NaN
  return groupOf(leader).reduce((sum, { ticks }) => sum + ticks / ticksPerSecond, 0)
}

const groupOf = (leader: number) =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => readStat(name) ?? [])
    .filter(({ group }) => group === leader)

function readStat(pid: string): { group: number; ticks: number; pages: number } | undefined {
  try {
    // The second field, the name in parentheses, may hold spaces: fields are counted behind it (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return {
      group: Number(fields[2]),
      ticks: Number(fields[11]) + Number(fields[12]),
      pages: Number(fields[21]),
    }
  } catch {
    return undefined
  }
}
