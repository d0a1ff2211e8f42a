import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { startServer, type TestServer } from 'kafka-restaurants-dev-env/testing/server'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'

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
