import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, type LoggedChild, signalGroup, spawnLogged } from '../child.ts'
import { cacheDir } from '../paths.ts'
import { startGuardian } from '../platform/guardian.ts'
import { waitUntil } from '../wait-until.ts'

/** A real server of its own, with data that survive `kill`. */
export interface TestServer {
  url: string
  dataDir: string
  /** Of its process; its own tools need the same. */
  env: NodeJS.ProcessEnv | undefined
  /** kill -9. */
  kill: () => Promise<void>
  /** Has it stand still, with its connections open, until `thaw`. */
  freeze: () => void
  thaw: () => void
  /** Starts it again on its data, and resolves when it answers. */
  comeBack: () => Promise<void>
  /** kill -9, and removes the data. */
  remove: () => Promise<void>
}

/** How a server is run. */
export interface ServerSpec {
  name: string
  /** What it needs beside itself, started first and kept through `kill`. */
  helper?: Command
  command: Command
  url: string
  answers: () => Promise<boolean>
}

const startDeadlineMs = 120_000

/**
 * Starts a server with data of its own.
 * @param name of the folder of its data
 * @param parent where that is, unless it is the tests' own place
 */
export async function startServer(
  name: string,
  specFor: (dataDir: string) => Promise<ServerSpec>,
  parent = process.env.TEST_DATA_DIR || cacheDir,
): Promise<TestServer> {
  mkdirSync(parent, { recursive: true })
  const dataDir = mkdtempSync(join(parent, `test-${name}-`))
  const guardian = startGuardian()
  const spec = await specFor(dataDir)
  const logFile = join(dataDir, 'output.log')
  const run = (command: Command) => guardian.watch(spawnLogged(command, logFile))
  const helper = spec.helper && run(spec.helper)
  let server = await whenItAnswers(run(spec.command), spec)

  const removeAll = () => {
    signalGroup(server.exit ? 0 : server.pid, 'SIGKILL')
    signalGroup(helper?.exit ? 0 : helper?.pid, 'SIGKILL')
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', removeAll)
  return {
    url: spec.url,
    dataDir,
    env: spec.command.env,
    kill: async () => {
      await server.stop(0)
    },
    freeze: () => signalGroup(server.pid, 'SIGSTOP'),
    thaw: () => signalGroup(server.pid, 'SIGCONT'),
    comeBack: async () => {
      server = await whenItAnswers(run(spec.command), spec)
    },
    remove: async () => {
      process.off('exit', removeAll)
      await server.stop(0)
      await helper?.stop(0)
      guardian.dismiss()
      removeAll()
    },
  }
}

async function whenItAnswers(child: LoggedChild, { name, answers }: ServerSpec): Promise<LoggedChild> {
  await waitUntil(`${name} answers`, startDeadlineMs, async () => {
    if (child.exit) throw new Error(`${name} ended (${child.exit.reason}):\n${child.lastLines()}`)
    return answers()
  })
  return child
}
