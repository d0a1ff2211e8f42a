import { expect, test } from 'vitest'
import type { Figures } from './figures.ts'
import { assumed, bounds, scaleTo } from './scale.ts'

const figures: Figures = {
  measured: '2026-01-02',
  machine: 'a test',
  orders: 1_000,
  ordersPerSecond: 100,
  cpuMs: {
    ...{ 'search-order': 1, transaction: 2, email: 1.5, tracking: 1, 'command-queue': 0.5, bank: 0.5 },
    ...{ kitchen: 0.5, 'kitchen-eventor': 0.5, NGINX: 0.25, Kafka: 2 },
  },
  memoryMiB: {},
  topics: {
    order: { records: 1.5, bytes: 1_000 },
    order_confirm: { records: 1.5, bytes: 500 },
    'restaurants-outbound-order-status': { records: 4, bytes: 500 },
  },
  fileBytes: { bank: 200, tracking: 800 },
}
const by = { ...assumed, busy: 0.5, hearMs: 0.01, platformRate: 1e6, watchSeconds: 600, brokerCores: 4 }

test('replicas have the room that is planned for them, and there is one at least', () => {
  const { replicas, partitions } = scaleTo(1_000, figures, by)
  // 2 ms of each of 1,000: 2 cores, of which each replica has a half.
  expect(replicas.transaction).toBe(4)
  expect(replicas.email).toBe(3)
  expect(scaleTo(1, figures, by).replicas.email).toBe(1)
  expect(partitions).toBe(12)
  expect(scaleTo(10_000, figures, by).partitions).toBe(40)
})

test('who holds streams, and who reads what all read, has replicas for that', () => {
  expect(scaleTo(1_000, figures, by).replicas.tracking).toBe(60)
  // 1.5 records of 0.01 ms: 15 ms of each second, which the half of a core is short of.
  expect(scaleTo(1_000, figures, by).replicas['search-order']).toBe(Math.ceil(1 / (0.5 - 0.015)))
  // 4 records of 0.01 ms each fill the half of a core at 12,500 orders a second.
  expect(scaleTo(12_400, figures, by).replicas.tracking).toBeGreaterThan(0)
  expect(scaleTo(12_400, figures, by).replicas.tracking).toBeLessThan(Number.POSITIVE_INFINITY)
  expect(scaleTo(12_600, figures, by).replicas.tracking).toBe(Number.POSITIVE_INFINITY)
  expect(bounds(figures, by).find(({ part }) => part.includes('of tracking reads'))?.rate).toBe(12_500)
})

test('brokers are as many as copies, CPU or disks ask for', () => {
  expect(scaleTo(100, figures, by)).toMatchObject({ brokers: 3, brokersBy: 'copies' })
  // 2 ms, and half of that for each of two copies: 40 cores at 10,000, of which each broker has 4, half of them.
  expect(scaleTo(10_000, figures, by)).toMatchObject({ brokers: 20, brokersBy: 'CPU', cores: { kafka: 40 } })
  // 2 kB, three times: 60 MB/s.
  expect(scaleTo(10_000, figures, { ...by, brokerMBs: 2 })).toMatchObject({ brokers: 30, brokersBy: 'disks' })
})

test('what is written, kept and paid grows in proportion', () => {
  const one = scaleTo(100, figures, by)
  const ten = scaleTo(1_000, figures, by)
  expect(one.writtenMBs).toBeCloseTo(0.2)
  expect(one.keptTB).toBeCloseTo(((0.15 * 7 + 0.05 * 1) * 3 * 86_400) / 1e6)
  expect(ten.writtenMBs / one.writtenMBs).toBeCloseTo(10)
  expect(ten.cost.mails / one.cost.mails).toBeCloseTo(10)
  expect(one.cost.mails).toBeCloseTo((100 * 86_400 * 30 * 0.1) / 1_000)
  expect(one).toMatchObject({ bankAccounts: 1, mailAccounts: 1, streams: 60_000 })
  expect(ten).toMatchObject({ bankAccounts: 10, mailAccounts: 5 })
})

test('what is more than one platform is to take is taken by several, side by side', () => {
  const half = scaleTo(3_000, figures, by)
  const both = scaleTo(6_000, figures, { ...by, platformRate: 5_000 })
  expect(both).toMatchObject({
    platforms: 2,
    rate: 6_000,
    brokers: 2 * half.brokers,
    partitions: half.partitions,
    brokersBy: half.brokersBy,
    streams: 2 * half.streams,
    replicas: { transaction: 2 * half.replicas.transaction, tracking: 2 * half.replicas.tracking },
  })
  expect(both.cost.machines).toBeCloseTo(2 * half.cost.machines)
  expect(scaleTo(5_000, figures, { ...by, platformRate: 5_000 }).platforms).toBe(1)
})

test('what bounds first comes first', () => {
  const found = bounds(figures, by)
  expect(found.map(({ rate }) => rate)).toEqual(found.map(({ rate }) => rate).toSorted((a, b) => a - b))
  expect(found.find(({ part }) => part === 'transaction')?.rate).toBe(6_000)
  expect(found.find(({ part }) => part === 'bank')?.rate).toBe(2_000)
  expect(found[0]?.part).toBe('open streams of tracking')
})
