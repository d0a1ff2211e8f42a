import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { command } from 'kafka-restaurants-dev-env/testing/processes'
import { expect, it, onTestFinished, vi } from 'vitest'
import { brokers, call, startGateway, within, written } from './gateway.ts'

const folder = resolve(import.meta.dirname, '..')
const readme = readFileSync(resolve(folder, 'README.md'), 'utf8')
const sample = readFileSync(resolve(folder, 'gateway.yaml'), 'utf8')
const [, replier = ''] = /<!-- replier: .*?-->\s+```yaml\n(.*?)```/s.exec(readme) ?? []

it('the five minutes of the README work as they are written', async () => {
  const kitchen = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { restaurant } = JSON.parse(Buffer.concat(chunks).toString())
    response.writeHead(restaurant ? 200 : 422, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ restaurant, minutes: 25 }))
  })
  kitchen.listen(0, '127.0.0.1')
  await once(kitchen, 'listening')
  onTestFinished(() => void kitchen.close())
  const gateway = await startGateway(`kafka: { bootstrap.servers: ${brokers} }\n${sample}`)
  const quote = (headers: Record<string, string>, body: object = { restaurant: 'jade-pavilion' }) =>
    call(`${gateway.url}/quotes`, body, headers)
  expect(await quote({ Prefer: 'wait=2' })).toMatchObject({ status: 504 })

  expect(replier).toMatch(/localhost:9092.*localhost:5002/s)
  const { port } = kitchen.address() as AddressInfo
  const text = replier.replaceAll('localhost:9092', brokers).replace('localhost:5002', `127.0.0.1:${port}`)
  const eventor = command(['node', 'services/eventor/src/main.ts', '-f', written(text)], {
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_PORT: '0',
  })
  await eventor.prints('"msg":"ready"', 20_000)
  const answer = await vi.waitFor(async () => {
    const answer = await quote({ 'Kong-Request-ID': `my-call-${Math.random()}` })
    expect(answer.status).toBe(200)
    return answer
  }, within(40_000))
  expect(answer.body).toEqual({ restaurant: 'jade-pavilion', minutes: 25 })
  expect(answer.headers.get('correlation-id')).toMatch(/^my-call-/)

  const { status, headers } = await quote({ Prefer: 'respond-async' })
  expect(status).toBe(202)
  const reply = await call(`${gateway.url}${headers.get('location')}`, undefined, { Prefer: 'wait=10' })
  expect(reply).toMatchObject({ status: 200, body: { minutes: 25 } })
}, 120_000)
