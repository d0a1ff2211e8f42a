import { pathToFileURL } from 'node:url'
import { readArgs, reportFailure, UsageError } from 'kafka-restaurants-service/command'
import { type Part, parts } from './platform/parts.ts'
import { mainOf, sourceOf } from './platform/services.ts'

/** What is given arguments is a command of its own. */
const services = Object.entries<Part>(parts).filter(([, { args }]) => args === undefined)

const mains: Record<string, string> = {
  ...Object.fromEntries(services.map(([name, part]) => [name, mainOf(name, part)])),
  topics: sourceOf('transaction', parts.transaction, 'topics.main.ts'),
}
const names = Object.keys(mains).toSorted().join(', ')

const help = `npm run service -- NAME: runs one service alone, set up by its environment, until Ctrl-C.

  NAME   ${names}
         ("topics" makes the topics that are missing, and ends)

The README of each has its variables, such as services/bank/README.md.`

try {
  const { values, positionals } = readArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  })
  const [name, ...more] = positionals
  const main = Object.hasOwn(mains, name ?? '') ? mains[name ?? ''] : undefined
  if (values.help) console.log(help)
  else if (main && more.length === 0) await import(pathToFileURL(main).href)
  else {
    const wrong = name === undefined ? 'Which service?' : `There is no service "${positionals.join(' ')}".`
    throw new UsageError(`${wrong} There are: ${names}.`)
  }
} catch (error) {
  reportFailure(error)
}
