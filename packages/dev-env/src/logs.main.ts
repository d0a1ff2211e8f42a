import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readArgs, reportFailure, Trouble, UsageError, wholeNumber } from 'kafka-restaurants-service/command'
import { prettyFactory } from 'pino-pretty'
import { type LogLine, logReader, partsWithLog } from './log-lines.ts'
import { root } from './paths.ts'

const help = `npm run logs: what the parts of the platform write, all together by time, for people to read.

  npm run logs -- email bank       of these parts alone; Kafka, NGINX and the site are shown where they are named
  npm run logs -- --about ID       what is told of an order, a trace or a record (order-3@42)
  npm run logs -- --level warn     trace, debug, info, warn, error or fatal, and what is worse (default info)
  npm run logs -- --lines N        the last N (default 200; 0 for all)
  npm run logs -- --follow         goes on with what is written, until Ctrl-C

The logs themselves are JSON, a line each, in DATA_DIR/logs (.data/logs unless given).`

const levels: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }
const lookEveryMs = 300

try {
  const { values, positionals } = readArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      follow: { type: 'boolean', short: 'f' },
      about: { type: 'string' },
      level: { type: 'string' },
      lines: { type: 'string' },
    },
  })
  if (values.help) console.log(help)
  else await show(positionals, values)
} catch (error) {
  reportFailure(error)
}

async function show(
  parts: string[],
  asked: { about?: string; level?: string; lines?: string; follow?: boolean },
): Promise<void> {
  const level = levels[asked.level ?? 'info']
  if (level === undefined)
    throw new UsageError(`There is no level "${asked.level}", but ${Object.keys(levels).join(', ')}.`)
  const most = wholeNumber('--lines', asked.lines, 200)
  const folder = join(resolve(root, process.env.DATA_DIR || '.data'), 'logs')
  const there = partsWithLog(folder)
  if (there.length === 0) throw new Trouble(`There are no logs in ${folder}. npm start makes them.`)
  const unknown = parts.find(part => !there.includes(part))
  if (unknown !== undefined) throw new UsageError(`"${unknown}" has no log. There are: ${there.join(', ')}.`)

  const width = Math.max(...there.map(part => part.length))
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY && !process.env.NO_COLOR,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  })
  const print = ({ part, text, time }: LogLine) =>
    process.stdout.write(`${part.padEnd(width)}  ${time === undefined ? `${text}\n` : pretty(text)}`)
  // Who reads no further, as `head` does, wants no error of it.
  process.stdout.on('error', () => process.exit())
  const read = logReader(folder, { parts, about: asked.about, level })
  for (const line of read().slice(-most)) print(line)
  while (asked.follow) {
    await delay(lookEveryMs)
    for (const line of read()) print(line)
  }
}
