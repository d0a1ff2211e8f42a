import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Command, type LoggedChild, signalGroup, spawnLogged } from 'kafka-restaurants-dev-env/child'
import { cacheDir } from 'kafka-restaurants-dev-env/paths'
import { startGuardian } from 'kafka-restaurants-dev-env/platform/guardian'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'

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

interface ServerSpec {
  name: string
  /** What it needs beside itself, started first and kept through `kill`. */
  helper?: Command
  command: Command
  url: string
  answers: () => Promise<boolean>
}

const startDeadlineMs = 120_000

/**
 * Starts NATS with JetStream on a free port.
 * @param more arguments of its command line
 */
export async function startNats(...more: string[]): Promise<TestServer> {
  const binary = findTool('nats-server') ?? 'nats-server'
  return startServer('nats', async dataDir => {
    const port = await freePort()
    const args = ['-js', '-sd', join(dataDir, 'store'), '-a', '127.0.0.1', '-p', String(port), ...more]
    return {
      name: 'nats-server',
      command: { command: binary, args },
      url: `nats://127.0.0.1:${port}`,
      answers: () => says(port, '', 'INFO'),
    }
  })
}

/** Starts RabbitMQ on free ports, with an epmd and an Erlang cookie of its own, so that it meets no other. */
export async function startRabbitmq(): Promise<TestServer> {
  const binary = ofRabbitmq('rabbitmq-server')
  return startServer('rabbitmq', async dataDir => {
    const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()]
    const env = {
      PATH: process.env.PATH,
      HOME: dataDir,
      ERL_EPMD_PORT: String(epmdPort),
      RABBITMQ_NODENAME: `test-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distPort),
      RABBITMQ_MNESIA_BASE: join(dataDir, 'data'),
      RABBITMQ_LOG_BASE: dataDir,
      RABBITMQ_LOGS: '-',
      RABBITMQ_CONFIG_FILE: join(dataDir, 'none'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(dataDir, 'plugins'),
      // Erlang's schedulers spin while they wait, and other tests need the processor. rabbitmqctl tells what a quorum
      // queue held at its last tick.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        '+sbwt none +sbwtdcpu none +sbwtdio none -rabbit quorum_tick_interval 200',
    }
    return {
      name: 'rabbitmq-server',
      helper: { command: 'epmd', args: ['-port', String(epmdPort), '-address', '127.0.0.1'], env },
      command: { command: binary, args: [], env },
      url: `amqp://guest:guest@127.0.0.1:${port}`,
      // It answers a client that speaks another protocol with the one that it wants.
      answers: () => says(port, 'HELLO\0\0\0', 'AMQP'),
    }
  })
}

async function startServer(
  name: string,
  specFor: (dataDir: string) => Promise<ServerSpec>,
): Promise<TestServer> {
  mkdirSync(cacheDir, { recursive: true })
  const dataDir = mkdtempSync(join(process.env.TEST_DATA_DIR || cacheDir, `test-${name}-`))
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

/** Sends a line to a port. @returns whether what comes back begins with `expected` */
const says = (port: number, line: string, expected: string) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(line))
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('data', data => {
      resolve(data.toString('latin1').startsWith(expected))
      socket.destroy()
    })
    socket.once('error', () => {})
    socket.once('close', () => resolve(false))
  })

/** What a tool of RabbitMQ prints about this server. */
export async function rabbitmqctl({ env }: TestServer, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(ofRabbitmq('rabbitmqctl'), ['-q', ...args], { env })
  return stdout
}

/** Debian's own scripts on the PATH insist on the user rabbitmq and on /var; those that they call don't. */
const ofRabbitmq = (name: string) => [join('/usr/lib/rabbitmq/bin', name)].find(existsSync) ?? name
