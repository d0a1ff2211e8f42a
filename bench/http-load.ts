import { connect } from 'node:net'

/** What a load saw. */
export interface Load {
  answers: number
  seconds: number
}

/**
 * Sends GET requests for so long, each of `connections` the next one when it has the last answer, and looks at no more of
 * an answer than where it ends: the load must cost less than what it measures.
 * @param requests what is sent, in turn
 * @throws Error for an answer with another status than 200 or 304
 */
export async function load(
  port: number,
  requests: readonly Buffer[],
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Load> {
  const begun = performance.now()
  const until = begun + seconds * 1_000
  let next = 0
  let answers = 0
  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let head = ''
      let left = 0
      const send = () => socket.write(requests[next++ % requests.length] ?? '')
      const done = () => {
        answers++
        if (performance.now() < until) return send()
        socket.destroy()
        resolve()
      }
      socket.on('connect', send).on('error', reject)
      socket.on('close', () => reject(new Error('the connection was closed')))
      socket.on('data', chunk => {
        if (left > 0) {
          left -= chunk.length
          if (left === 0) done()
          return
        }
        head += chunk.toString('latin1', 0, 2_000)
        const end = head.indexOf('\r\n\r\n')
        if (end === -1) return
        if (!isGood(head)) return void socket.destroy(new Error(head))
        left = lengthIn(head) - (chunk.length - (end + 4))
        head = ''
        if (left === 0) done()
      })
    })
  await Promise.all(Array.from({ length: connections }, connection))
  return { answers, seconds: (performance.now() - begun) / 1_000 }
}

/** A request as it is sent. */
export const getRequest = (path: string, headers: Record<string, string> = {}): Buffer =>
  Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '\r\n',
    ].join('\r\n'),
  )

const isGood = (head: string) => head.startsWith('HTTP/1.1 200') || head.startsWith('HTTP/1.1 304')

/** An answer that says nothing of a body has none (304). */
const lengthIn = (head: string) => Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
