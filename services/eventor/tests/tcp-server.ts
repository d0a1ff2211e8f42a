import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * A server for one test that does with each connection what `act` says, and ends with all of them when the test does.
 * @returns host and port
 */
export async function tcpServer(act: (socket: Socket) => void = () => {}): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    act(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/**
 * A way to a server for one test. What its client sends passes when `passes` says so; meanwhile later frames go on.
 * @param to host and port
 * @param framesOf takes apart what comes at once: several frames may, on a busy machine
 * @returns host and port
 */
export function frameProxy(
  to: string,
  passes: (frame: Buffer) => boolean | Promise<boolean>,
  framesOf = (bytes: Buffer) => [bytes],
): Promise<string> {
  const { hostname, port } = new URL(`http://${to}`)
  return tcpServer(client => {
    const target = connect(Number(port), hostname)
    target.on('error', () => {})
    const pass = async (frame: Buffer) => {
      if (await passes(frame)) target.write(frame)
    }
    client.on('data', bytes => {
      for (const frame of framesOf(bytes)) void pass(frame)
    })
    target.pipe(client)
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
  })
}
