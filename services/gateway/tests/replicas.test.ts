import { Agent, request } from 'node:http'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { expect, it, onTestFinished } from 'vitest'
import { fileText, metric, ownTopics, type Reply, replier, replyTo, startGateway } from './gateway.ts'
import { nginxBefore } from './nginx.ts'

/** More of them, as many as the gateway is to be shown with, by GATEWAY_CALLS=50000. */
const calls = Number(process.env.GATEWAY_CALLS ?? 5_000)
const clients = 200
const nginx = findTool('nginx')

/** Keeps replies back and hands them out in another order, some twice. */
function shuffling(write: (reply: Reply) => void) {
  const held: Reply[] = []
  const hand = () => {
    for (const reply of held.splice(0).sort(() => Math.random() - 0.5)) {
      write(reply)
      if (Math.random() < 0.1) write(reply)
    }
  }
  const timer = setInterval(hand, 20)
  onTestFinished(() => clearInterval(timer))
  return (reply: Reply) => void held.push(reply)
}

it(
  'each of many callers gets its own answer from any of four replicas; of one that is killed, only what it has in flight fails',
  async () => {
    const topics = await ownTopics(12)
    const { write } = await replier(topics, ({ id, body }) => {
      hold(replyTo(id, { yours: body.mine }))
      return []
    })
    const hold = shuffling(reply => void write(reply).catch(() => {}))
    const file = fileText(topics, { timeoutMs: 30_000 })
    const gateways = await Promise.all(Array.from({ length: 4 }, () => startGateway(file)))
    const urls = gateways.map(({ url }) => url)
    // Where there is no NGINX, the clients themselves ask the replicas in turn.
    const places = nginx ? [await nginxBefore(urls, nginx)] : urls
    const agent = new Agent({ keepAlive: true, maxSockets: clients })
    onTestFinished(() => agent.destroy())
    const statuses = new Map<number, number>()
    const wrong: unknown[] = []
    const [killed] = gateways
    let goneAt = Number.POSITIVE_INFINITY
    let begun = 0
    const placeOf = (mine: number) =>
      // Where there is no NGINX, it is the client who asks the one that is gone no more.
      goneAt < Date.now() && !nginx ? places[1 + (mine % 3)] : places[mine % places.length]
    const client = async () => {
      while (begun < calls) {
        const mine = begun++
        const at = Date.now()
        if (mine === Math.floor(calls / 2))
          void killed?.kill('SIGKILL').then(() => {
            goneAt = Date.now()
          })
        const { status, body } = await post(`${placeOf(mine)}/ask`, { mine }, agent)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status === 200 ? body.yours !== mine : at > goneAt || mine < calls / 2 - clients)
          wrong.push({ mine, status, body })
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    expect(wrong).toEqual([])
    const failed = [...statuses].filter(([status]) => status !== 200)
    expect(failed.every(([status]) => status === (nginx ? 502 : 0))).toBe(true)
    expect(failed.reduce((sum, [, count]) => sum + count, 0)).toBeLessThan(clients)
    const alive = gateways.slice(1)
    await waitUntil('nothing waits', 10_000, async () =>
      (await Promise.all(alive.map(each => metric(each, 'gateway_pending')))).every(count => count === 0),
    )
    const timedOut = await Promise.all(alive.map(each => metric(each, 'gateway_calls_total', 'timed out')))
    expect(timedOut).toEqual([0, 0, 0])
    const doubled = await Promise.all(alive.map(each => metric(each, 'gateway_replies_total', 'duplicate')))
    expect(Math.min(...doubled)).toBeGreaterThan(0)
    console.log(
      `${calls} calls by ${clients} clients: ${[...statuses].map(each => each.join(' × ')).join(', ')}`,
    )
  },
  60_000 + calls * 10,
)

/** Status 0 where there is no answer. */
const post = (url: string, body: object, agent: Agent) =>
  new Promise<{ status: number; body: { yours?: number } }>(resolve => {
    const text = JSON.stringify(body)
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
    const sent = request(url, { method: 'POST', agent, headers }, async response => {
      let answer = ''
      try {
        for await (const chunk of response) answer += chunk
      } catch {
        return resolve({ status: 0, body: {} })
      }
      const status = response.statusCode ?? 0
      resolve({ status, body: status === 200 ? JSON.parse(answer) : {} })
    })
    sent.on('error', () => resolve({ status: 0, body: {} })).end(text)
  })
