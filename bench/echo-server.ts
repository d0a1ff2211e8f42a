import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Answers every request with its own body, after as many ms as the command line says; prints the port that it listens on. */
const takesMs = Number(process.argv[2] ?? 0)
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  if (takesMs > 0) await setTimeout(takesMs)
  response.end(Buffer.concat(chunks))
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
