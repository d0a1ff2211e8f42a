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
 * @returns host and port
 */
export function frameProxy(
  to: string,
  passes: (bytes: Buffer) => boolean | Promise<boolean>,
): Promise<string> {
  const { hostname, port } = new URL(`http://${to}`)
  return tcpServer(client => {
    const target = connect(Number(port), hostname)
    target.on('error', () => {})
    client.on('data', async bytes => {
      if (await passes(bytes)) target.write(bytes)
    })
    target.pipe(client)
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
  })
}
