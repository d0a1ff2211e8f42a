import { benchOrders } from '../bench/orders.ts'
import { reportFailure } from './trouble.ts'

const help = `npm run bench -- NAME: measures on this machine, all parts together, and prints what it saw.

  npm run bench -- orders    orders/s and latency, POST to confirmed and POST to mail

  --orders N        orders sent as fast as --in-flight allows (default 3000)
  --in-flight N     requests under way at once (default 64)
  --rate N          orders a second of the latency run (default 50)
  --seconds N       length of the latency run (default 20)`

const [name, ...args] = process.argv.slice(2)
try {
  if (name === 'orders' && !args.includes('--help')) await benchOrders(args)
  else {
    console.log(help)
    if (name !== undefined && name !== '--help' && name !== '-h' && name !== 'orders') {
      console.error(`\nThere is no bench "${name}".`)
      process.exitCode = 2
    }
  }
} catch (error) {
  reportFailure(error)
}
