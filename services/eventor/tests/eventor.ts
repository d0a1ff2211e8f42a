import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const main = resolve(import.meta.dirname, '../src/main.ts')

/** Runs eventor as a process on a file with this text, until the test is finished. */
export async function startEventor(yaml: string, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'eventor-'))
  const file = join(folder, 'config.yaml')
  writeFileSync(file, yaml)
  const child = spawn(process.execPath, [main, '-f', file], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>(resolve => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
  let printed = ''
  child.stderr.on('data', chunk => {
    printed += chunk
  })
  const ready = Promise.withResolvers<{ port: number; metricsPort: number }>()
  void exited.then(code => ready.reject(new Error(`eventor ended with ${code}:\n${printed}`)))
  createInterface(child.stdout).on('line', line => {
    printed += `${line}\n`
    if (line.includes('"msg":"ready"')) ready.resolve(JSON.parse(line))
  })
  const { port, metricsPort } = await ready.promise
  return {
    url: `http://127.0.0.1:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    printed: () => printed,
    exited,
    kill: (signal: NodeJS.Signals) => {
      child.kill(signal)
      return exited
    },
  }
}

export interface Call {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export type Reply =
  | { status?: number; headers?: Record<string, string>; body?: Buffer | string }
  | 'no answer'

/** An endpoint that answers as it is told to, and keeps what it was sent. An echo unless told otherwise. */
export async function startEndpoint(
  answer: (call: Call) => Reply | Promise<Reply> = ({ body }) => ({ body }),
) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const call = { method, path: url, headers, body: Buffer.concat(chunks) }
    calls.push(call)
    const reply = await answer(call)
    if (reply === 'no answer') return void request.socket.destroy()
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.body)
  })
  const listen = async (port = 0) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen()
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  onTestFinished(async () => {
    if (server.listening) await close()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    bodies: () => calls.map(({ body }) => body.toString()),
    close,
    open: () => listen(port),
  }
}

export interface SamplePlaces {
  brokers: string
  input: string
  output: string
  group: string
  /** The endpoint's, without a path. */
  url: string
}

/** The file that the first eventor's users have, with places of this test. */
export const sampleFile = ({ brokers, input, output, url, group }: SamplePlaces, more = '') => `
- name: ${input}-to-${output}
  logLevel: 0
  eventListener:
    type: kafka
    topic: ${input}
    consumerConfig:
      bootstrap.servers: ${brokers}
      group.id: ${group}
      auto.offset.reset: earliest
      enable.auto.commit: false
  eventHandler:
    type: http
    method: POST
    url: ${url}/payload
    headers: { Content-Type: application/text, Authorization: Basic dTpw }
  eventResultProcessor:
    type: kafka
    topic: ${output}
    when: [onSuccess]
    producerConfig: { bootstrap.servers: "${brokers}", acks: all }
${more}`
