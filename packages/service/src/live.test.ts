import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { httpApp } from './http.ts'
import { liveUpdates } from './live.ts'

/** A list that grows, told live. */
async function listServer() {
  const live = liveUpdates()
  const list: string[] = []
  const http = httpApp()
  http.get('/events', (request, response) =>
    live.stream(request, response, 'list', seen =>
      list.slice(Number(seen)).map((data, index) => ({ id: String(Number(seen) + index + 1), data })),
    ),
  )
  http.get('/first', async (request, response) => {
    const first = await live.poll(request, response, 'list', async () => list[0])
    response.status(first === undefined ? 202 : 200).json(first ?? null)
  })
  const server = http.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    live.stop()
    server.closeAllConnections()
    server.close()
  })
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const add = (...more: string[]) => {
    list.push(...more)
    live.changed('list')
  }
  return {
    live,
    add,
    port,
    sockets,
    get: (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
  }
}

/** Reads a stream until so many events have come, as `id data`. */
async function events({ body }: Response, count: number): Promise<string[]> {
  let text = ''
  const seen = () => [...text.matchAll(/^id: (.*)\ndata: (.*)\n\n/gm)].map(([, id, data]) => `${id} ${data}`)
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  while (seen().length < count) {
    const { value, done } = (await reader?.read()) ?? { done: true }
    if (done) break
    text += value
  }
  await reader?.cancel()
  return seen()
}

describe('a stream', () => {
  it('tells what there is and what comes, and goes on behind Last-Event-ID', async () => {
    const { add, get } = await listServer()
    add('a', 'b')
    const first = await get('/events')
    expect(first.headers.get('content-type')).toMatch('text/event-stream')
    const three = events(first, 3)
    add('c')
    expect(await three).toEqual(['1 "a"', '2 "b"', '3 "c"'])
    add('d')
    expect(await events(await get('/events', { 'Last-Event-ID': '2' }), 2)).toEqual(['3 "c"', '4 "d"'])
  })

  it('lets go who does not read, and takes them up again where they were', async () => {
    const { add, get, port, sockets } = await listServer()
    const idle = connect(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void idle.destroy())
    idle.write('GET /events HTTP/1.1\r\nHost: [\r\n\r\n')
    await vi.waitFor(() => expect(sockets.size).toBe(1))
    const large = 'x'.repeat(100_000)
    let count = 0
    // What the system keeps for a socket is taken before anything waits here.
    await vi.waitFor(
      () => {
        count += 1
        add(large)
        expect(sockets.size).toBe(0)
      },
      { timeout: 20_000, interval: 1 },
    )
    expect(count).toBeGreaterThan(10)
    const rest = await events(await get('/events', { 'Last-Event-ID': String(count - 1) }), 1)
    expect(rest).toEqual([`${count} "${large}"`])
  })

  it('is kept alive by a comment every 10 s', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { get } = await listServer()
    const reader = (await get('/events')).body?.getReader()
    vi.advanceTimersByTime(10_000)
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(':\n\n')
  })

  it('ends when the service stops', async () => {
    const { live, get } = await listServer()
    const stream = await get('/events')
    live.stop()
    expect(await stream.text()).toBe('')
  })
})

describe('Prefer: wait', () => {
  it('waits for what is not there yet', async () => {
    const { add, get } = await listServer()
    const waiting = get('/first', { Prefer: 'respond-async, wait=30' })
    const impatient = await get('/first')
    expect([impatient.status, impatient.headers.get('preference-applied')]).toEqual([202, null])
    add('a')
    const answer = await waiting
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'wait=30'])
    expect(await answer.json()).toBe('a')
  })

  it('is answered with what there is when the time is up, or the service stops', async () => {
    const { live, get } = await listServer()
    expect((await get('/first', { Prefer: 'wait=1' })).status).toBe(202)
    const waiting = get('/first', { Prefer: 'wait="600"' })
    await get('/first')
    live.stop()
    const answer = await waiting
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=60'])
  })
})
