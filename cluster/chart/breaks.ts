import { Trouble } from 'kafka-restaurants-service/command'

/** What lets something be broken: the addresses that backstage is told, what opens them, and what kills a worker. */
const ways = {
  addresses: /name: (BANK_ADMIN_URL|WORKER_URL)\b/,
  'the mail server': /name: INBOX_URL\n +value: \S+:1080\n/,
  "the bank's admin port": /name: ADMIN_HOST|\b5015\b|may-call-bank: "?admin/,
  "the worker's port": /may-call-transaction: "?metrics/,
  'kill -9': /name: CRASH_ALLOWED/,
}

/**
 * Sees that the chart lets nothing be broken unless a value says so, and all of it then, but for a mail server of one's own.
 * @param template renders the chart with these arguments
 * @throws Trouble
 */
export function seeBreaksOff(template: (...args: string[]) => string): string {
  const allowed = 'services.backstage.breaksAllowed=true'
  const ofRelease = (values: string[]) => {
    const resources = template('helm', ...values.flatMap(value => ['--set', value])).split(/^---$/m)
    // Its test asks the inbox, too.
    return resources.filter(each => !each.includes('helm.sh/hook')).join('---')
  }
  const found = (...values: string[]) => {
    const text = ofRelease(values)
    return Object.entries(ways).flatMap(([what, pattern]) => (pattern.test(text) ? what : []))
  }
  const expect = (values: string[], expected: string[]) => {
    const here = found(...values)
    if (here.join() !== expected.join())
      throw new Trouble(`With ${values.join() || 'no values'} it has ${here.join(', ') || 'none of it'}.`)
  }
  expect([], [])
  expect([allowed], Object.keys(ways))
  expect(
    [allowed, 'smtp.existingSecret=own'],
    Object.keys(ways).filter(what => what !== 'the mail server'),
  )
  return Object.keys(ways).join(', ')
}
