import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers every request alike, with what the parent sent last; tells the parent the port that it listens on. */
let answer = { status: 200, headers: {}, body: '' }
let body = Buffer.alloc(0)
process.on('message', (message: typeof answer) => {
  answer = message
  body = Buffer.from(message.body)
  process.send?.('taken')
})
const server = createServer((_request, response) => {
  response.writeHead(answer.status, answer.headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
