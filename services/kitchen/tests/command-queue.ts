import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CommandEvent } from 'kafka-restaurants-contracts'
import { onTestFinished } from 'vitest'

/** What the kitchen said of an order. `path` is as it came. */
interface Told {
  path: string
  resourceId: string
  event: CommandEvent
}

/** How a call is answered; 0 leaves it without an answer. */
export type Answer = (told: Told) => number

/** A command queue that is only a server: it keeps what it is told, and answers as the test says. Gone after the test. */
export async function startQueue() {
  const told: Told[] = []
  let answer: Answer = () => 202
  let resource: [status: number, body: unknown] = [404, {}]
  let server: Server | undefined
  const listen = async (port: number) => {
    const begun = createServer(async (request, response) => {
      const path = request.url ?? ''
      if (request.method === 'GET') {
        if (resource[0] === 0) return
        return void response.writeHead(resource[0]).end(JSON.stringify(resource[1]))
      }
      const [, , resourceId = '', id = ''] = path.split('/').map(decodeURIComponent)
      const body = Buffer.concat(await request.toArray())
      const each = { path, resourceId, event: CommandEvent.parse({ id, ...JSON.parse(body.toString()) }) }
      told.push(each)
      const status = answer(each)
      if (status > 0) response.writeHead(status).end('{}')
    })
    await new Promise<void>(resolve => begun.listen(port, '127.0.0.1', resolve))
    server = begun
    return (begun.address() as AddressInfo).port
  }
  const port = await listen(0)
  const stop = () => {
    server?.close()
    server?.closeAllConnections()
  }
  onTestFinished(stop)
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    /** The orders that are ready, as it was told, with their fences. */
    fences: () => told.map(({ event: { id, fence } }) => `${id} ${fence}`),
    answers: (next: Answer) => {
      answer = next
    },
    resourceIs: (status: number, body: unknown = {}) => {
      resource = [status, body]
    },
    stop,
    /** Listens again where it did before. */
    comeBack: () => listen(port),
  }
}
