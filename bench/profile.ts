import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What Node's `--cpu-prof` writes, as far as it is read here; times in µs of the machine's monotonic clock. */
const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
    }),
  ),
  startTime: z.number(),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
})
export type CpuProfile = z.infer<typeof CpuProfile>

/** What a part of a process's time went to: `share` of all in which it did something. */
export interface Cost {
  what: string
  share: number
}

/** From when until when, in µs of the machine's monotonic clock. */
export type Stretch = [from: number, to: number]

/** Now, by the clock of the profiles. */
export const profileClock = (): number => Number(process.hrtime.bigint() / 1_000n)

/** The environment that has a Node process write a profile into `folder` when it ends. */
export const profiling = (folder: string) => ({
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --cpu-prof --cpu-prof-dir=${folder}`.trim(),
})

/** The profiles in a folder, by the id of the process. */
export function readProfiles(folder: string): Map<number, CpuProfile> {
  const files = readdirSync(folder).filter(name => name.endsWith('.cpuprofile'))
  return new Map(
    files.map(name => [
      // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile
      Number(name.split('.')[3]),
      CpuProfile.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
    ]),
  )
}

/** The functions that took most of a stretch of time by themselves, without what they called. */
export function topCosts(profile: CpuProfile, [from, to]: Stretch, count = 5): Cost[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const costs = new Map<string, number>()
  let at = profile.startTime
  profile.samples.forEach((id, index) => {
    at += profile.timeDeltas[index] ?? 0
    const what = names.get(id) ?? ''
    if (at < from || at > to || what === '(idle)') return
    // A sample stands for the time until the next one.
    costs.set(what, (costs.get(what) ?? 0) + Math.max(0, profile.timeDeltas[index + 1] ?? 0))
  })
  const all = [...costs.values()].reduce((sum, time) => sum + time, 0)
  return [...costs]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([what, time]) => ({ what, share: time / all }))
}

/** The same, a line each. */
export const costTable = (costs: readonly Cost[]): string[] =>
  costs.map(({ what, share }) => `    ${(100 * share).toFixed(1).padStart(4)} %  ${what}`)

/** A function and the file that it is in: from the package on, or from the repository's folder on. */
function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (!url) return functionName || 'anonymous'
  const file = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/(?=(services|packages)\/)/, '')
  return `${functionName || 'anonymous'} ${file}:${lineNumber + 1}`
}
