import { join } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { type Child, groupRuns } from '../child.ts'
import { takenPorts, takenPortsText } from '../ports.ts'
import { startGuardian } from './guardian.ts'
import { type ProcessSpec, type Supervised, supervise } from './supervisor.ts'

/** The order of stopping: at each stage its processes, and the time that they are sure to have. */
export type Stages = { names: string[]; sureMs: number }[]

/** All processes of one platform: started one by one, ended together. */
export interface ProcessGroup {
  processes: Map<string, Supervised>
  /** Where a process writes its log. */
  logFile: (name: string) => string
  /** Starts a process and keeps it running. Resolves when it is ready. `ports` are those that it listens on, by name. */
  run: (
    name: string,
    ports: Record<string, number>,
    spawn: ProcessSpec['spawn'],
    waitsFor: ProcessSpec['waitsFor'],
  ) => Promise<void>
  /** Takes in a process that ends by itself, such as a build. */
  watch: (child: Child) => void
  /**
   * Ends all, stage after stage, within the budget. What does not end in time is killed.
   * @throws Trouble that names what is still there after all
   */
  stop: () => Promise<void>
  /** kill -9 for all. @throws as `stop` does */
  kill: () => Promise<void>
}

export function processGroup(
  dataDir: string,
  stages: Stages,
  stopBudgetMs: number,
  say: (line: string) => void,
  longestDelayMs?: number,
): ProcessGroup {
  const processes = new Map<string, Supervised>()
  const helpers = new Set<Child>()
  const guardian = startGuardian()
  const groups = new Map<number, string>()
  let ended = false

  const logFile = (name: string) => join(dataDir, 'logs', `${name}.log`)

  const run: ProcessGroup['run'] = async (name, ports, spawn, waitsFor) => {
    const guarded = async () => {
      if (ended) throw new Trouble('The platform is being stopped.')
      // Or else whoever listens there would be taken for it.
      const taken = await takenPorts(ports)
      if (taken.length > 0) throw new Trouble(await takenPortsText(taken))
      const child = guardian.watch(await spawn())
      groups.set(child.pid, name)
      void child.exited.then(() => groupRuns(child.pid) || groups.delete(child.pid))
      if (ended) await child.stop(0) // the end came while it was being prepared
      return child
    }
    const spec = { name, logFile: logFile(name), spawn: guarded, waitsFor, longestDelayMs }
    await supervise(
      spec,
      line => ended || say(line),
      process => processes.set(name, process),
    )
  }

  async function end(stopAll: () => Promise<unknown>): Promise<void> {
    ended = true
    await Promise.all([...helpers].map(child => child.stop(0)))
    await stopAll()
    guardian.dismiss()
    const left = [...groups].filter(([group]) => groupRuns(group))
    if (left.length === 0) return
    const named = left.map(([group, name]) => `${name} (process group ${group})`)
    throw new Trouble(`Not even SIGKILL ended ${named.join(', ')}.`)
  }

  async function stopInStages(): Promise<void> {
    const deadline = Date.now() + stopBudgetMs
    for (const [index, { names }] of stages.entries()) {
      const reserved = stages.slice(index + 1).reduce((sum, stage) => sum + stage.sureMs, 0)
      const limitMs = Math.max(1, deadline - Date.now() - reserved)
      await Promise.all(names.map(name => processes.get(name)?.stop(limitMs)))
    }
  }

  return {
    processes,
    logFile,
    run,
    watch: child => {
      helpers.add(guardian.watch(child))
      void child.exited.then(() => helpers.delete(child))
    },
    stop: () => end(stopInStages),
    kill: () => end(() => Promise.all([...processes.values()].map(process => process.stop(0)))),
  }
}
