import { join } from 'node:path'
import type { Child } from '../child.ts'
import { Trouble } from '../trouble.ts'
import { startGuardian } from './guardian.ts'
import { type ProcessSpec, type Supervised, supervise } from './supervisor.ts'

/** The order of stopping: at each stage its processes, and the time that they are sure to have. */
export type Stages = { names: string[]; sureMs: number }[]

/** All processes of one platform: started one by one, ended together. */
export interface ProcessGroup {
  processes: Map<string, Supervised>
  /** Where a process writes its log. */
  logFile: (name: string) => string
  /** Starts a process and keeps it running. Resolves when it is ready. */
  run: (name: string, spawn: ProcessSpec['spawn'], ready: ProcessSpec['ready']) => Promise<void>
  /** Takes in a process that ends by itself, such as a build. */
  watch: (child: Child) => void
  /** Ends all, stage after stage, within the budget. What does not end in time is killed. */
  stop: () => Promise<void>
  /** kill -9 for all. */
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
  const guardian = startGuardian(join(dataDir, 'processes.txt'))
  let ended = false

  const logFile = (name: string) => join(dataDir, 'logs', `${name}.log`)

  async function run(name: string, spawn: ProcessSpec['spawn'], ready: ProcessSpec['ready']): Promise<void> {
    const guarded = async () => {
      if (ended) throw new Trouble('The platform is being stopped.')
      const child = guardian.watch(await spawn())
      if (ended) await child.stop(0) // the end came while it was being prepared
      return child
    }
    const spec = { name, logFile: logFile(name), spawn: guarded, ready, longestDelayMs }
    await supervise(
      spec,
      line => ended || say(line),
      process => processes.set(name, process),
    )
  }

  async function end(stopAll: () => Promise<unknown>): Promise<void> {
    ended = true
    for (const child of helpers) child.signal('SIGKILL')
    await stopAll()
    guardian.dismiss()
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
