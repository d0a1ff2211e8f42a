import { readArgs, reportFailure, UsageError } from 'kafka-restaurants-service/command'

const mains: Record<string, () => Promise<unknown>> = {
  bank: () => import('../../../services/bank/src/main.ts'),
  email: () => import('../../../services/email/src/main.ts'),
  inbox: () => import('../../../services/inbox/src/main.ts'),
  'search-order': () => import('../../../services/search-order/src/main.ts'),
  transaction: () => import('../../../services/transaction/src/main.ts'),
  topics: () => import('../../../services/transaction/src/topics.main.ts'),
}
const names = Object.keys(mains).join(', ')

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
  else if (main && more.length === 0) await main()
  else {
    const wrong = name === undefined ? 'Which service?' : `There is no service "${positionals.join(' ')}".`
    throw new UsageError(`${wrong} There are: ${names}.`)
  }
} catch (error) {
  reportFailure(error)
}
