import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BoardTicket, type KitchenDetails, KitchenSettings, Quote, Ticket } from 'kafka-restaurants-contracts'
import { spawnService } from 'kafka-restaurants-service/testing'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

/** A folder that is gone after the test. */
function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'kitchen-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A kitchen on a file of its own, gone after the test. */
export async function startKitchen(env: Record<string, string> = {}, folder = newFolder()) {
  const TICKETS_FILE = join(folder, 'deep/er/tickets.sqlite')
  const kitchen = await spawnService('kitchen', { TICKETS_FILE, LOG_LEVEL: 'info', ...env })
  onTestFinished(async () => {
    await kitchen.kill('SIGKILL')
  })
  return { ...kitchen, ...callers(kitchen.url, kitchen.metricsUrl), folder }
}

/** What a command of an order looks like. */
export const command = (
  id: string,
  {
    restaurant = 'Olive',
    fence,
    details,
  }: { restaurant?: string; fence?: number; details?: KitchenDetails } = {},
) => ({
  id,
  message: JSON.stringify({ restaurant, items: [{ name: 'Soup', quantity: 2 }], ...details }),
  fence,
})

function callers(url: string, metricsUrl: string) {
  const post = (path: string, body?: object | string | Buffer) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : (body ?? null),
    })
  const get = async (path: string) => (await fetch(`${url}${path}`)).json()
  return {
    post,
    take: async (...order: Parameters<typeof command>) => {
      const response = await post('/tickets', command(...order))
      return { status: response.status, ticket: Ticket.strict().parse(await response.json()) }
    },
    ready: (id: string) => post(`/tickets/${encodeURIComponent(id)}/ready`),
    list: async (query = '') => z.array(BoardTicket).parse(await get(`/tickets${query}`)),
    quote: async (restaurant = 'Olive') =>
      Quote.parse(await (await post('/quotes', { restaurant })).json()).minutes,
    settings: async () => KitchenSettings.parse(await get('/settings')),
    /** The value of a metric, such as `kitchen_outbox{state="waiting"}`. */
    metric: async (name: string) => {
      const lines = (await (await fetch(metricsUrl)).text()).split('\n')
      return Number(lines.find(line => line.startsWith(`${name} `))?.split(' ')[1])
    },
    watch: (query = '', lastEventId?: string) => watch(`${url}/tickets${query}`, lastEventId),
  }
}

/** The events of a stream, one at each call of `next`; undefined when it has ended. */
async function watch(url: string, lastEventId?: string) {
  const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) }
  const reader = (await fetch(url, { headers })).body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async () => {
    while (!text.includes('\n\n')) {
      const { value, done } = (await reader?.read()) ?? { done: true }
      if (done) return undefined
      text += value
    }
    const [event = '', ...rest] = text.split('\n\n')
    text = rest.join('\n\n')
    const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(event) ?? []
    const tickets = z.array(Ticket).parse(JSON.parse(data ?? ''))
    return { id, tickets: tickets.map(({ orderId, state }) => `${orderId} ${state}`) }
  }
  return { next }
}
