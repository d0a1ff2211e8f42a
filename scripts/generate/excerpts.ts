import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'

export const excerptsFile = resolve(root, 'apps/web/how-it-works/excerpts.json')

interface Excerpt {
  file: string
  /** What its first line holds, and no other line before. */
  from: string
  lines: number
}

/** The code that /how-it-works shows beside each step of an order. */
const excerpts: Record<string, Excerpt> = {
  order: { file: 'services/search-order/src/app.ts', from: 'producer.send({', lines: 10 },
  charge: { file: 'services/transaction/src/charge-order.ts', from: 'await parts.charge(orderId', lines: 6 },
  publish: { file: 'services/transaction/src/charge-order.ts', from: 'const isPaid = outcome ===', lines: 6 },
  mail: {
    file: 'services/email/src/send-mails.ts',
    from: 'for (const { orderId, placedAt, mail } of mails',
    lines: 12,
  },
  start: { file: 'services/command-queue/src/decide.ts', from: 'function started(', lines: 11 },
  cook: { file: 'services/kitchen/src/kitchen.ts', from: 'take(order: NewOrder): Taking {', lines: 9 },
  track: { file: 'services/tracking/src/history.ts', from: 'of told) {', lines: 7 },
}

/** @throws Error that names what is nowhere in its file */
export function excerptsText(): string {
  const found = Object.entries(excerpts).map(([name, { file, from, lines }]) => {
    const all = readFileSync(resolve(root, file), 'utf8').split('\n')
    const first = all.findIndex(line => line.includes(from))
    if (first < 0) throw new Error(`Shown on /how-it-works, but not in ${file}: ${from}`)
    return [name, { file, line: first + 1, code: flushLeft(all.slice(first, first + lines)) }]
  })
  return `${JSON.stringify(Object.fromEntries(found), null, 2)}\n`
}

function flushLeft(lines: string[]): string {
  const indents = lines.filter(line => line.trim()).map(line => line.search(/\S/))
  return lines.map(line => line.slice(Math.min(...indents))).join('\n')
}
