/** A story, and which alerts fire at which time of it. */
export interface Case {
  name: string
  /** What differs from a healthy platform, as promtool writes values of every 15 s; undefined takes the series away. */
  series: Record<string, string | undefined>
  /** By the minutes since its beginning. Troubles begin at 10. */
  fires: Record<number, string[]>
}

/** Ten minutes of a value. What follows begins 15 s after. */
const tenMinutesOf = (value: string, then: string) => `${value}x40 ${then}`
const long = 600

const transaction = { order: 'group="transaction-service",topic="order"', of: 'group="transaction-service"' }
const email = {
  confirm: 'group="confirmation-service",topic="order_confirm"',
  of: 'group="confirmation-service"',
}
const oldest = (labels: string) => `kafka_oldest_waiting_seconds{namespace="r",${labels}}`
const lag = (labels: string) => `kafka_group_lag{namespace="r",${labels}}`
const members = (labels: string) => `kafka_group_members{namespace="r",${labels}}`
const outage = (labels: string) => `kafka_group_outage{namespace="r",${labels}}`
const answered = (status: number) =>
  `http_request_duration_seconds_count{namespace="r",method="POST",route="/orders",status="${status}"}`
const settled = 'orders_settled_total{namespace="r",outcome="paid"}'
const accepted = 'orders_accepted_total{namespace="r"}'
const deadOpen = 'kafka_dead_letters_open{namespace="r",topic="order"}'
const setAside =
  'kafka_records_total{namespace="r",group="transaction-service",topic="order",outcome="dead-letter"}'
const spooled = 'event_bus_spooled{namespace="r",job="tracking"}'
const called = (outcome: string) => `gateway_calls_total{namespace="r",route="quotes",outcome="${outcome}"}`

/** An order a second, of which there are always some on their way. */
export const healthy: Record<string, string> = {
  [accepted]: `0+15x${long}`,
  [settled]: `0+15x${long}`,
  [oldest(transaction.order)]: `0.2x${long}`,
  [oldest(email.confirm)]: `0.2x${long}`,
  [lag(transaction.order)]: `3x${long}`,
  [lag(email.confirm)]: `3x${long}`,
  [members(transaction.of)]: `2x${long}`,
  [members(email.of)]: `1x${long}`,
  [outage(`${transaction.of},of="handling"`)]: `0x${long}`,
  [outage(`${email.of},of="handling"`)]: `0x${long}`,
  [outage('group="tracking-service",of="commit"')]: `0x${long}`,
  [answered(202)]: `0+15x${long}`,
  [answered(503)]: `0x${long}`,
  [deadOpen]: `0x${long}`,
  [spooled]: `0x${long}`,
  [called('answered')]: `0+15x${long}`,
  [called('timed out')]: `0x${long}`,
}

export const cases: Case[] = [
  { name: 'nothing is wrong', series: {}, fires: { 1: [], 30: [], 90: [] } },
  {
    name: 'an order waits longer than a minute, and is settled then',
    series: { [oldest(transaction.order)]: tenMinutesOf('0.2', `15+15x20 0.2x${long}`) },
    fires: { 11: [], 12: ['OrdersWait'], 15: ['OrdersWait'], 16: [] },
  },
  {
    name: 'an order waits for a minute and a quarter at one look',
    series: { [oldest(transaction.order)]: tenMinutesOf('0.2', `15+15x4 0.2x${long}`) },
    fires: { 11.25: [], 11.5: [], 12: [], 15: [] },
  },
  {
    name: 'the last worker dies: nobody is left to tell but Kafka, until one is there again',
    series: {
      [oldest(transaction.order)]: tenMinutesOf('0.2', `stale _x39 0.2x${long}`),
      [settled]: tenMinutesOf('0+15', `stale _x39 0+60x${long}`),
      [members(transaction.of)]: tenMinutesOf('2', `0x39 2x${long}`),
      [lag(transaction.order)]: tenMinutesOf('3', `15+15x39 3x${long}`),
    },
    fires: {
      11: [],
      12: ['OrdersWait'],
      13: ['NoConsumer', 'OrdersWait'],
      19: ['NoConsumer', 'OrdersWait'],
      22: [],
    },
  },
  {
    name: 'the one worker is replaced, which takes three quarters of a minute',
    series: {
      [oldest(transaction.order)]: tenMinutesOf('0.2', `stale _x2 0.2x${long}`),
      [settled]: tenMinutesOf('0+15', `stale _x2 0+60x${long}`),
      [members(transaction.of)]: tenMinutesOf('1', `0x2 1x${long}`),
      [lag(transaction.order)]: tenMinutesOf('3', `15+15x2 3x${long}`),
    },
    fires: { 10.5: [], 11: [], 11.5: [], 12: [], 13: [] },
  },
  {
    name: 'nothing is ordered at night: KEDA has sent the workers to sleep',
    series: {
      [settled]: tenMinutesOf('0+15', 'stale'),
      [oldest(transaction.order)]: tenMinutesOf('0.2', 'stale'),
      [members(transaction.of)]: tenMinutesOf('2', `0x${long}`),
      [lag(transaction.order)]: tenMinutesOf('3', `0x${long}`),
    },
    fires: { 12: [], 20: [], 90: [] },
  },
  {
    name: 'one order in ten is refused, for as long as it takes',
    series: { [answered(503)]: tenMinutesOf('0', `1.5+1.5x${long}`) },
    fires: { 12: [], 20: ['OrdersRefused'], 30: ['OrdersRefused'] },
  },
  {
    name: 'all orders are refused for half a minute, as when a broker goes',
    series: {
      [answered(503)]: tenMinutesOf('0', `15 30x${long}`),
      [answered(202)]: tenMinutesOf('0+15', `600 600 600+15x${long}`),
    },
    fires: { 11: [], 12: [], 13: [], 14: [], 16: [] },
  },
  {
    name: 'the bank is away, and back',
    series: {
      [outage(`${transaction.of},of="handling"`)]: tenMinutesOf('0', `1x19 0x${long}`),
      [oldest(transaction.order)]: tenMinutesOf('0.2', `15+15x19 0.2x${long}`),
    },
    fires: { 11: [], 13: ['BankAway', 'OrdersWait'], 14.5: ['BankAway', 'OrdersWait'], 16: [] },
  },
  {
    name: 'the bank is away for a minute',
    series: {
      [outage(`${transaction.of},of="handling"`)]: tenMinutesOf('0', `1x3 0x${long}`),
      [oldest(transaction.order)]: tenMinutesOf('0.2', `15+15x3 0.2x${long}`),
    },
    fires: { 10.5: [], 11: [], 11.5: [], 12: [], 13: [] },
  },
  {
    name: 'the mail server is away, and back',
    series: {
      [outage(`${email.of},of="handling"`)]: tenMinutesOf('0', `1x39 0x${long}`),
      [oldest(email.confirm)]: tenMinutesOf('0.2', `15+15x39 0.2x${long}`),
    },
    fires: { 13: [], 16: ['MailAway'], 19: ['MailAway'], 21: [] },
  },
  {
    name: 'the mail server is away for three minutes',
    series: { [outage(`${email.of},of="handling"`)]: tenMinutesOf('0', `1x11 0x${long}`) },
    fires: { 11: [], 13: [], 14: [], 16: [] },
  },
  {
    name: 'the database of tracking takes no commit',
    series: { [outage('group="tracking-service",of="commit"')]: tenMinutesOf('0', `1x39 0x${long}`) },
    fires: { 14: [], 16: ['Outage'], 19: ['Outage'], 21: [] },
  },
  {
    name: 'the kitchen does not answer',
    series: { [outage('group="kitchen",of="handling"')]: tenMinutesOf('0', `1x39 0x${long}`) },
    fires: { 14: [], 16: ['Outage'], 19: ['Outage'], 21: [] },
  },
  {
    name: 'the database of tracking takes no commit for three minutes',
    series: { [outage('group="tracking-service",of="commit"')]: tenMinutesOf('0', `1x11 0x${long}`) },
    fires: { 11: [], 13: [], 16: [] },
  },
  {
    name: 'a group handles less than comes, and then more',
    series: { [lag(email.confirm)]: tenMinutesOf('3', `30+30x79 2400-100x23 0x${long}`) },
    fires: { 14: [], 20: ['Lag'], 29: ['Lag'], 33: [] },
  },
  {
    name: 'two thousand records come at once, and are worked off in seven minutes',
    series: { [lag(email.confirm)]: tenMinutesOf('3', `2000-75x26 3x${long}`) },
    fires: { 11: [], 13: [], 15: [], 16: [], 17: [], 20: [] },
  },
  {
    name: 'a group that is busy has four hundred records on their way at all times',
    series: { [lag(email.confirm)]: `400x${long}` },
    fires: { 20: [], 60: [] },
  },
  {
    name: 'one mail alone can not be sent, until it can',
    series: { [oldest(email.confirm)]: tenMinutesOf('0.2', `15+15x79 0.2x${long}`) },
    fires: { 20: [], 24: [], 28: ['Stuck'], 31: [] },
  },
  {
    name: 'one mail alone has waited for a quarter of an hour at one look',
    series: { [oldest(email.confirm)]: tenMinutesOf('0.2', `15+15x61 0.2x${long}`) },
    fires: { 25.25: [], 25.5: [], 27: [], 28: [] },
  },
  {
    name: 'mails have waited for twenty minutes, as the mail server is away',
    series: {
      [outage(`${email.of},of="handling"`)]: tenMinutesOf('0', `1x79 0x${long}`),
      [oldest(email.confirm)]: tenMinutesOf('0.2', `15+15x79 0.2x${long}`),
    },
    fires: { 20: ['MailAway'], 28: ['MailAway'], 31: [] },
  },
  {
    name: 'a record becomes a dead letter, and is sent back',
    series: { [deadOpen]: tenMinutesOf('0', `1x39 0x${long}`) },
    fires: { 10.5: [], 12: ['DeadLetters'], 19: ['DeadLetters'], 21: [] },
  },
  {
    name: 'a record becomes a dead letter and is sent back within half a minute',
    series: { [deadOpen]: tenMinutesOf('0', `1x1 0x${long}`) },
    fires: { 10.5: [], 11: [], 12: [] },
  },
  {
    name: 'the desk is away, and the very first dead letter of a worker comes',
    series: { [deadOpen]: undefined, [setAside]: `_x40 1x${long}` },
    fires: { 10: [], 12: ['DeadLetters'], 60: ['DeadLetters'], 75: [] },
  },
  {
    name: 'the desk is away, and one more dead letter comes',
    series: { [deadOpen]: undefined, [setAside]: `3x280 4x${long}` },
    fires: { 65: [], 72: ['DeadLetters'], 140: [] },
  },
  {
    name: 'a dead letter is dealt with, and the desk is replaced then, which takes a minute',
    series: { [deadOpen]: tenMinutesOf('0', `stale _x3 0x${long}`), [setAside]: `_x30 1x${long}` },
    fires: { 11: [], 12: [], 14: [] },
  },
  {
    name: 'Kafka does not answer backstage, and does then',
    series: {
      [members(transaction.of)]: tenMinutesOf('2', `stale _x39 2x${long}`),
      [members(email.of)]: tenMinutesOf('1', `stale _x39 1x${long}`),
    },
    fires: { 13: [], 16: ['Blind'], 19: ['Blind'], 21: [] },
  },
  {
    name: 'backstage is replaced, which takes a minute',
    series: {
      [members(transaction.of)]: tenMinutesOf('2', `stale _x3 2x${long}`),
      [members(email.of)]: tenMinutesOf('1', `stale _x3 1x${long}`),
    },
    fires: { 10.5: [], 11: [], 12: [], 16: [] },
  },
  {
    name: 'nothing is scraped any more',
    series: Object.fromEntries(Object.keys(healthy).map(name => [name, tenMinutesOf('0', 'stale')])),
    fires: { 14: [], 16: ['Blind'], 60: ['Blind'] },
  },
  {
    name: 'Kafka takes none of the events of a bus, and does then',
    series: { [spooled]: tenMinutesOf('0', `1+1x59 0x${long}`) },
    fires: { 15: [], 19: [], 22: ['Spool'], 26: [] },
  },
  {
    name: 'a bus has something in its spool for three minutes',
    series: { [spooled]: tenMinutesOf('0', `5x11 0x${long}`) },
    fires: { 12: [], 14: [], 22: [] },
  },
  {
    name: 'nobody answers the questions for quotes, until somebody does',
    series: {
      [called('answered')]: tenMinutesOf('0+15', `600x119 600+15x${long}`),
      [called('timed out')]: tenMinutesOf('0', `15+15x119 1800x${long}`),
    },
    fires: { 12: [], 20: [], 30: ['NoReplies'], 60: [] },
  },
  {
    name: 'nobody answers them for two minutes',
    series: {
      [called('answered')]: tenMinutesOf('0+15', `600x7 600+15x${long}`),
      [called('timed out')]: tenMinutesOf('0', `15+15x7 120x${long}`),
    },
    fires: { 12: [], 15: [], 20: [], 30: [] },
  },
]
