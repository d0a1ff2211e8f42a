import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { markdownTable } from 'markdown-table'
import { type Figures, readFigures } from '../../bench/figures.ts'
import { bounds, type Scale, scaleTo } from '../../bench/scale.ts'
import { withTables } from './keys.ts'

export const scalingFile = resolve(root, 'docs/scaling.md')

const rates = [100, 1_000, 10_000, 100_000]

/** Puts what an order costs, what rates of orders take, and what bounds them, into the text. */
export const withScale = (text: string, figures = readFigures()): string =>
  withTables(text, 'bench/figures.json by bench/scale.ts', [
    `Measured on ${figures.measured}: ${figures.orders.toLocaleString('en')} orders, ${figures.ordersPerSecond} a second, on ${figures.machine}.`,
    ordersTable(figures),
    topicsTable(figures),
    '## What a rate of orders takes',
    scaleTable(figures),
    '## What bounds first',
    boundsTable(figures),
  ])

/** Two digits that count. */
const number = (value: number) =>
  Number.isFinite(value)
    ? Number(value.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 3 })
    : 'not by more of them'

function ordersTable({ cpuMs, memoryMiB, fileBytes }: Figures): string {
  const rows = Object.entries(cpuMs)
    .filter(([part]) => part !== 'load')
    .toSorted(([, one], [, other]) => other - one)
    .map(([part, ms]) => [
      part,
      `${ms.toFixed(2)} ms`,
      `${memoryMiB[part] ?? ''} MiB`,
      fileBytes[part] ? `${fileBytes[part]} bytes` : '',
    ])
  const all = Object.entries(cpuMs).reduce((sum, [part, ms]) => (part === 'load' ? sum : sum + ms), 0)
  const total = ['**all**', `**${all.toFixed(1)} ms**`, '', '']
  return markdownTable([['an order costs', 'CPU', 'memory then', 'in its file'], ...rows, total], {
    align: ['l', 'r', 'r', 'r'],
  })
}

function topicsTable({ topics }: Figures): string {
  const rows = Object.entries(topics)
    .filter(([, { records }]) => records > 0)
    .toSorted(([, one], [, other]) => other.bytes - one.bytes)
    .map(([topic, { records, bytes }]) => [`\`${topic}\``, records.toFixed(2), String(bytes)])
  return markdownTable([['topic', 'records, with markers', 'bytes'], ...rows], { align: ['l', 'r', 'r'] })
}

function scaleTable(figures: Figures): string {
  const scales = rates.map(rate => scaleTo(rate, figures))
  const row = (says: string, of: (scale: Scale) => number | string) => [
    says,
    ...scales.map(of).map(value => (typeof value === 'number' ? number(value) : value)),
  ]
  return markdownTable(
    [
      row('**orders/s**', ({ rate }) => `**${rate.toLocaleString('en')}**`),
      row('platforms side by side', ({ platforms }) => platforms),
      ...(Object.keys(scales[0]?.replicas ?? {}) as (keyof Scale['replicas'])[]).map(part =>
        row(`replicas of ${part}`, ({ replicas }) => replicas[part]),
      ),
      row('partitions of each topic of a platform', ({ partitions }) => partitions),
      row('cores of the services', ({ cores }) => cores.services),
      row('cores of NGINX', ({ cores }) => cores.edge),
      row('cores of Kafka, copies included', ({ cores }) => cores.kafka),
      row('brokers (decided by)', ({ brokers, brokersBy }) => `${number(brokers)} (${brokersBy})`),
      row('records/s written', ({ records }) => records),
      row('MB/s written, before copies', ({ writtenMBs }) => writtenMBs),
      row('TB kept in Kafka', ({ keptTB }) => keptTB),
      row('nodes of PostgreSQL', ({ databaseNodes }) => databaseNodes),
      row('open streams', ({ streams }) => streams),
      row('accounts of a payment provider', ({ bankAccounts }) => bankAccounts),
      row('accounts of a mail provider', ({ mailAccounts }) => mailAccounts),
      row('US$ a month: machines', ({ cost }) => cost.machines),
      row('US$ a month: disks', ({ cost }) => cost.disks),
      row('US$ a month: mails', ({ cost }) => cost.mails),
    ],
    { align: ['l', 'r', 'r', 'r', 'r'] },
  )
}

const boundsTable = (figures: Figures) =>
  markdownTable(
    [
      ['at orders/s', 'what is full', 'what to turn'],
      ...bounds(figures).map(({ part, rate, knob }) => [number(rate), part, knob]),
    ],
    { align: ['r', 'l', 'l'] },
  )
