import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConfirmedOrders,
  type DeadLetterAct,
  DeadLetterGroups,
  DeadLetterList,
  deadLetterTopic,
  PaymentKey,
} from 'kafka-restaurants-contracts'
import { sealCard } from 'kafka-restaurants-contracts/seal-card'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { spawnService } from 'kafka-restaurants-service/testing'
import { expect, it, onTestFinished, vi } from 'vitest'

const { log } = createContext('dead-letters-test', 'silent')

function newKey() {
  const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(String(jwk.x)).digest('base64url')
  const key = { ...jwk, kid, alg: 'ECDH-ES', use: 'enc' }
  // Unknown fields are kept, and so would be its private part.
  return { key, open: PaymentKey.parse({ ...key, d: undefined }) }
}

/** Starts a service as a process, and ends it with the test. */
async function started(name: string, env: Record<string, string>, main?: string) {
  const service = await spawnService(name, env, [], 20_000, main)
  onTestFinished(async () => void (await service.kill('SIGKILL')))
  return service
}

it('an order that the bank had no key for is charged once, when the bank has it and the desk sends the order back', async () => {
  // The desk looks at all dead letters of a cluster, and the shared one has those of all other tests.
  const { bootstrap: brokers } = await ownBroker()
  const kafka = testKafka(brokers, log)
  const folder = mkdtempSync(join(tmpdir(), 'mended-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [known, forgotten] = [newKey(), newKey()]
  const keysFile = join(folder, 'keys.json')
  const bankWith = async (...keys: object[]) => {
    writeFileSync(keysFile, JSON.stringify({ keys }))
    return started('bank', { PORT, LEDGER_FILE: join(folder, 'ledger.sqlite'), KEYS_FILE: keysFile })
  }
  const PORT = String(await freePort())
  const withoutKey = await bankWith(known.key)
  const topics = { order: await kafka.topic('order'), confirm: await kafka.topic('confirm') }
  await started('transaction', {
    BOOTSTRAP_SVR: brokers,
    GROUP_ID: randomUUID(),
    ORDER_TOPIC: topics.order,
    CONFIRM_TOPIC: topics.confirm,
    DECLINED_TOPIC: await kafka.topic('declined'),
    BANK_URL: withoutKey.url,
  })
  const orderId = randomUUID()
  const order = {
    order_id: orderId,
    restaurant: 'Fig',
    email: 'dana@example.com',
    credit_card: await sealCard('4242424242424242', forgotten.open),
    amount_cents: 1234,
  }
  await kafka.write({ topic: topics.order, key: orderId, value: JSON.stringify(order) })
  await kafka.read(deadLetterTopic(topics.order), 1)

  const desk = await started('dead-letters', { BOOTSTRAP_SVR: brokers }, 'desk.main.ts')
  const get = async (path: string) => {
    const answer = await fetch(desk.url + path)
    const body = await answer.text()
    expect(answer.status, `${body}\n${desk.printed()}`).toBe(200)
    return JSON.parse(body)
  }
  // It says 503 until Kafka has named who keeps its group's commits.
  const ofTopic = async () => DeadLetterGroups.parse(await get(`/groups?topic=${topics.order}`)).groups
  const [group] = await vi.waitFor(ofTopic, 20_000)
  expect(group?.reason).toMatch(/^the bank can not read the charge: card must be/)
  const { letters } = DeadLetterList.parse(await get(`/groups/${group?.id}`))
  const redrive = async (): Promise<DeadLetterAct> => {
    const answer = await fetch(`${desk.url}/redrive`, {
      method: 'POST',
      headers: { 'X-Staff': 'dana' },
      body: JSON.stringify({ id: letters[0]?.id }),
    })
    return answer.json() as Promise<DeadLetterAct>
  }

  // Its operator gives the bank the key that it had not.
  await withoutKey.kill('SIGTERM')
  const bank = await bankWith(known.key, forgotten.key)
  expect(await redrive()).toMatchObject({ done: 1, by: 'dana' })
  expect(await redrive()).toMatchObject({ done: 0, refused: [{ why: 'it was redriven or parked before' }] })
  const [confirmed] = await kafka.read(topics.confirm, 1, 20_000)
  expect(ConfirmedOrders.parse(JSON.parse(String(confirmed?.value)))).toMatchObject([
    { order_id: orderId, card_last4: '4242', email: 'dana@example.com' },
  ])
  await vi.waitFor(async () => {
    const answer = await fetch(`${bank.adminUrl}/charges`)
    expect(await answer.json()).toMatchObject({ charges: [{ idempotency_key: orderId, amount_cents: 1234 }] })
  }, 10_000)
  expect(await kafka.readAll(topics.confirm)).toHaveLength(1)
  expect(desk.printed()).toContain('"by":"dana"')
}, 90_000)
