import type { Figures } from './figures.ts'

/** What is not measured here, but assumed: each may be given another value. */
export interface Assumptions {
  /** How much of a core is planned to be used: the rest is for peaks, and for what is lost meanwhile. */
  busy: number
  /** Copies of each record (min.insync.replicas is one less). */
  copies: number
  /** The CPU of a broker for a copy that it fetches, of what it took to take the record. */
  copyCost: number
  /** What one broker writes to its disk, in MB/s, its own records and copies. */
  brokerMBs: number
  /** What one broker of `brokerCores` has of them. */
  brokerCores: number
  /** What a database of one node inserts and updates with an index or two, rows a second. */
  databaseRows: number
  /** The CPU of a record that a replica reads though another one acts on it, in ms (ADR 8, by `npm run bench -- gateway`). */
  hearMs: number
  /** Orders a second that one platform is to take: more of them stand side by side, each with its restaurants. */
  platformRate: number
  /** How long a diner watches an order, in seconds. */
  watchSeconds: number
  /** Streams that one replica of tracking holds, as `npm run bench -- tracking` opens them. */
  streamsEach: number
  /** What a payment provider takes, calls a second of one account. */
  bankCalls: number
  /** What a mail provider takes, mails a second of one account. */
  mailCalls: number
  /** Days that Kafka keeps records; of topics whose settings say something else: a compacted one keeps no past. */
  keepDays: number
  keepDaysOf: Record<string, number>
  /** Prices a month, in US$: of a core with 4 GiB, of a GB on a disk, of 1,000 mails. */
  price: { core: number; disk: number; mails: number }
}

export const assumed: Assumptions = {
  busy: 0.6,
  copies: 3,
  copyCost: 0.5,
  brokerMBs: 100,
  brokerCores: 8,
  databaseRows: 20_000,
  hearMs: 0.015,
  platformRate: 4_000,
  watchSeconds: 1_200,
  streamsEach: 10_000,
  bankCalls: 100,
  mailCalls: 200,
  keepDays: 7,
  keepDaysOf: { 'restaurants-outbound-order-status': 1, 'command-queue-changelog': 0 },
  price: { core: 30, disk: 0.1, mails: 0.1 },
}

/** Names of the parts as platforms call their processes, and by which knob they grow. */
const parts = {
  'search-order': { max: 2, knob: '`services.search-order.autoscaling.maxReplicas`' },
  transaction: { max: 12, knob: '`services.transaction.autoscaling.maxReplicas` and partitions of `order`' },
  email: { max: 12, knob: '`services.email.autoscaling.maxReplicas` and partitions of `order_confirm`' },
  tracking: {
    max: 1,
    knob: '`services.tracking.database.existingSecret`: PostgreSQL, and then more replicas',
  },
  'command-queue': {
    max: 12,
    knob: '`services.command-queue.autoscaling.maxReplicas` and partitions of `command-requests`',
  },
  kitchen: { max: 1, knob: 'kitchens by restaurant, each with its own topic: a file is one process’s' },
  'kitchen-eventor': { max: 1, knob: 'as the kitchen beside which it stands' },
  bank: { max: 1, knob: 'a real bank: ours is a mock with one ledger' },
} as const
type PartName = keyof typeof parts

/** The topics of which every replica reads all, whoever acts on them: so this part of the cost grows with the replicas. */
const heard: Partial<Record<PartName, RegExp>> = {
  'search-order': /^order_(?:confirm|declined)$/,
  tracking: /^restaurants-outbound-order-status$/,
  'command-queue': /^command-queue-changelog$/,
}

/** The part that is the edge: NGINX, or its stand-in on a machine without. */
const edgeNames = ['NGINX', 'edge']

/** What a rate of orders takes, in all platforms together. */
export interface Scale {
  rate: number
  platforms: number
  /** Infinite where a replica has its hands full with what all of its platform read. */
  replicas: Record<PartName, number>
  /** Cores in use of the services, the edge and Kafka, all copies included. */
  cores: { services: number; edge: number; kafka: number }
  brokers: number
  /** What decides how many brokers there are. */
  brokersBy: 'copies' | 'CPU' | 'disks'
  /** Of each topic of a platform that orders pass, so that each worker's replica has one at least. */
  partitions: number
  /** Written to Kafka before copies, MB/s, and kept with them, in TB. */
  writtenMBs: number
  keptTB: number
  records: number
  bankAccounts: number
  mailAccounts: number
  databaseNodes: number
  streams: number
  /** US$ a month. */
  cost: { machines: number; disks: number; mails: number }
}

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0)
const secondsADay = 86_400
const daysAMonth = 30
const gb = 1e9

/** Of a change that is told of an order (as tracking reads it) two rows are written: the change, and the order. */
const rowsEach = 2
/** Those that tracking reads. */
const changesOf = ({ topics }: Figures) =>
  sum(
    Object.entries(topics)
      .filter(([name]) =>
        /^order$|^order_confirm$|^order_declined$|^command-(?!queue)|^actionable-/.test(name),
      )
      .map(([, { records }]) => records),
  )

/** What an order costs each replica of a part because all of them read it, in ms. */
const heardMs = (part: PartName, { topics }: Figures, { hearMs }: Assumptions) =>
  sum(Object.entries(topics).map(([name, { records }]) => (heard[part]?.test(name) ? records * hearMs : 0)))

/** What `rate` orders a second take, as far as it grows with them in proportion. */
export function scaleTo(rate: number, figures: Figures, by: Assumptions = assumed): Scale {
  const platforms = Math.ceil(rate / by.platformRate)
  const { partitions, brokersBy, ...one } = onePlatform(rate / platforms, figures, by)
  return {
    ...times(one, platforms),
    ...{ rate, platforms, partitions, brokersBy },
    bankAccounts: Math.ceil(rate / by.bankCalls),
    mailAccounts: Math.ceil(rate / by.mailCalls),
  }
}

/** The same, with each number in it multiplied. */
function times<Some extends object>(some: Some, by: number): Some {
  const all = Object.entries(some).map(([name, value]) => [
    name,
    typeof value === 'number' ? value * by : times(value, by),
  ])
  return Object.fromEntries(all) as Some
}

function onePlatform(
  rate: number,
  figures: Figures,
  by: Assumptions,
): Omit<Scale, 'platforms' | 'bankAccounts' | 'mailAccounts'> {
  const { cpuMs, topics, fileBytes } = figures
  const cores = (part: string) => (rate * (cpuMs[part] ?? 0)) / 1000
  const streams = rate * by.watchSeconds
  const hears = (part: PartName) => (rate * heardMs(part, figures, by)) / 1000
  const replicasOf = (part: PartName) => {
    const room = by.busy - hears(part)
    const byStreams = part === 'tracking' ? Math.ceil(streams / by.streamsEach) : 1
    return room > 0 ? Math.max(1, byStreams, Math.ceil(cores(part) / room)) : Number.POSITIVE_INFINITY
  }
  const names = Object.keys(parts) as PartName[]
  const replicas = Object.fromEntries(names.map(part => [part, replicasOf(part)])) as Scale['replicas']
  const writtenMBs = (rate * sum(Object.values(topics).map(({ bytes }) => bytes))) / 1e6
  const kafkaCores = cores('Kafka') * (1 + (by.copies - 1) * by.copyCost)
  const wanted = {
    copies: by.copies,
    CPU: Math.ceil(kafkaCores / by.busy / by.brokerCores),
    disks: Math.ceil((writtenMBs * by.copies) / by.brokerMBs),
  }
  const brokers = Math.max(...Object.values(wanted))
  const keptBytes = sum(
    Object.entries(topics).map(([name, { bytes }]) => bytes * (by.keepDaysOf[name] ?? by.keepDays)),
  )
  const keptTB = (rate * keptBytes * by.copies * secondsADay) / 1e12
  const services = sum(names.map(part => cores(part) + hears(part) * (replicas[part] - 1)))
  const edge = sum(edgeNames.map(cores))
  const filesGBADay = (rate * secondsADay * sum(Object.values(fileBytes))) / gb
  return {
    rate,
    replicas,
    cores: { services, edge, kafka: kafkaCores },
    brokers,
    brokersBy:
      wanted.disks === brokers && brokers > by.copies ? 'disks' : brokers > by.copies ? 'CPU' : 'copies',
    partitions: Math.max(12, replicas.transaction, replicas.email, replicas['command-queue']),
    writtenMBs,
    keptTB,
    records: rate * sum(Object.values(topics).map(({ records }) => records)),
    databaseNodes: Math.ceil((rate * changesOf(figures) * rowsEach) / by.databaseRows),
    streams,
    cost: {
      machines: (by.price.core * (services + edge + kafkaCores)) / by.busy,
      disks: by.price.disk * (keptTB * 1000 + filesGBADay * daysAMonth),
      mails: (by.price.mails * rate * secondsADay * daysAMonth) / 1000,
    },
  }
}

/** A part of the chart as it is, the rate at which it is full, and what to turn then. */
export interface Bound {
  part: string
  rate: number
  knob: string
}

/** What bounds the chart with its own values, the first bound first: each part with the most replicas that it may have. */
export function bounds(figures: Figures, by: Assumptions = assumed): Bound[] {
  const { cpuMs } = figures
  const ofParts = Object.entries(parts).map(([part, { max, knob }]) => ({
    part,
    rate: (max * 1000) / (cpuMs[part] ?? 0),
    knob,
  }))
  const others = [
    { part: 'a payment provider', rate: by.bankCalls, knob: 'a higher limit, or more accounts' },
    {
      part: 'a mail provider',
      rate: by.mailCalls,
      knob: 'a higher limit, or more accounts; one mail for several orders',
    },
    {
      part: 'open streams of tracking',
      rate: by.streamsEach / by.watchSeconds,
      knob: 'replicas of tracking; or long polls in place of streams',
    },
  ]
  const ofHeard = (Object.keys(heard) as PartName[]).map(part => ({
    part: `what each replica of ${part} reads of all the others`,
    rate: (1000 * by.busy) / heardMs(part, figures, by),
    knob: 'orders shared out by their id at the edge, so that a replica reads its own partitions alone',
  }))
  return [...ofParts, ...ofHeard, ...others].toSorted((one, other) => one.rate - other.rate)
}
