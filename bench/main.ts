import { reportFailure, UsageError } from 'kafka-restaurants-service/command'
import { benchCommandQueue } from './command-queue.ts'
import { benchCost } from './cost.ts'
import { benchEventBus } from './event-bus.ts'
import { benchEventor } from './eventor.ts'
import { benchGateway } from './gateway.ts'
import { benchOrders } from './orders.ts'
import { benchSearch } from './search.ts'
import { benchTracing } from './tracing.ts'
import { benchTracking } from './tracking.ts'
import { benchWeb } from './web.ts'
import { benchWorkers } from './workers.ts'

const help = `npm run bench -- NAME: measures on this machine, all parts together, and prints what it saw.

  npm run bench -- orders    orders/s and latency, POST to confirmed and POST to mail, and the CPU of each part
  npm run bench -- eventor   events/s beside a bare loop of the same calls
  npm run bench -- event-bus events/s through the bridge, both ways, beside packages/kafka used directly
  npm run bench -- workers   orders while transaction workers join, leave, freeze and die: none lost or twice, how long
                             no confirmation was read
  npm run bench -- tracking  changes/s folded and stored beside the same rows inserted directly, and open streams
  npm run bench -- search    searches/s of 18 and of 100,000 restaurants, beside raw node:http, and memory
  npm run bench -- command-queue
                             commands/s, latency and memory of the queue, beside Kafka Streams and @kafkats/flow
  npm run bench -- gateway   round trips/s and latency beside packages/kafka alone; what a reply costs each replica;
                             memory of many calls that wait
  npm run bench -- cost      what an order costs each part: CPU, records, bytes
  npm run bench -- tracing   orders/s and CPU of platforms side by side, in pairs of which one traces
  npm run bench -- web       Lighthouse's scores of the search and of a restaurant, and what scripts they load first

orders:
  --orders N        orders sent as fast as --in-flight allows (default 3000)
  --in-flight N     requests under way at once (default 64)
  --rate N          orders a second of the latency run (default 50)
  --seconds N       length of the latency run (default 20)
  --profile         what each part spent most of its CPU on, too
eventor:
  --events N        events of a round (default 50000)
  --concurrency N   calls under way at once (default 64)
  --rounds N        rounds, of which the median counts (default 3)
  --takes MS        how long the second server takes to answer (default 20)
event-bus:
  --events N        events of a round (default 100000)
  --in-flight N     events on their way out at once (default 3000)
  --rounds N        rounds, of which the median counts (default 3)
workers:
  --scenario NAME   churn: of three workers, one joins and one leaves every 10 s
                    freeze: one of three is frozen in the middle of a transaction, for 60 s if there is time, and thawed
                    kill: one of three is killed (-9) in the middle of a transaction every 20 s, and in turn started
                    again at the same place, or not
                    all: each of them (the default)
  --rate N          orders a second (default 300)
  --seconds N       length of each scenario (default 120)
  --seed N          decides who leaves, and what becomes of the first that is killed (default 1)
tracking:
  --orders N        orders, of two changes each (default 30000)
  --clients N       streams that are open at once (default 10000)
  --rate N          orders a second that are watched at two replicas (default 50)
  --profile         what tracking spent most of its CPU on, too
search:
  --restaurants N   of the large catalogue (default 100000)
  --seconds N       each measurement (default 3)
  --rounds N        rounds, of which the median counts (default 3)
  --connections N   requests under way at once (default 32)
  --profile         what search-order spent most of its CPU on, too
command-queue:
  --commands N      commands of a measurement, or one of each resource if these are more (default 300000)
  --resources N     of how many resources; unless given 1, 10,000 and 1,000,000
  --rate N          commands a second of the latency run (default 200)
  --seconds N       length of the latency run (default 15)
  --replicas N      processes of the queue (default 1)
  --no-peers        the queue alone
  --profile         what the queue spent most of its CPU on, too
gateway:
  --only PART       round-trips, latency, replicas or pending; unless given, all
  --calls N         round trips of a round, and a quarter of the replies that are nobody's (default 50000)
  --in-flight N     calls under way at once (default 64)
  --rounds N        rounds, of which the median counts (default 3)
  --rate N          calls a second of the latency run (default 200)
  --seconds N       length of the latency run (default 20)
  --replicas N      how many read all replies; unless given 1, 4 and 16
  --waiting N       calls that wait at once (default 100000)
  --late N          late replies (default 1000000)
cost:
  --orders N        orders, all of them to the plate (default 5000)
  --in-flight N     requests under way at once (default 64)
  --save            keeps the figures in bench/figures.json, of which docs/scaling.md is made
tracing:
  --percent N       how many of the orders are traced (default 1)
  --orders N        orders of a round (default 1500)
  --pairs N         pairs of platforms, each of which is started anew (default 10: 25 minutes)
  --rounds N        rounds of each pair (default 2)
  --in-flight N     requests under way at once (default 64)
web:
  --rounds N        how often each page is looked at (default 3)`

const benches: Record<string, (args: string[]) => Promise<void>> = {
  orders: benchOrders,
  eventor: benchEventor,
  'event-bus': benchEventBus,
  workers: benchWorkers,
  tracking: benchTracking,
  search: benchSearch,
  'command-queue': benchCommandQueue,
  gateway: benchGateway,
  cost: benchCost,
  tracing: benchTracing,
  web: benchWeb,
}

const [name, ...args] = process.argv.slice(2)
const names = Object.keys(benches).join(', ')
try {
  const bench = Object.hasOwn(benches, name ?? '') ? benches[name ?? ''] : undefined
  if (name === undefined || [name, ...args].some(word => word === '--help' || word === '-h'))
    console.log(help)
  else if (bench) await bench(args)
  else throw new UsageError(`There is no bench "${name}". There are: ${names}; options come after the name.`)
} catch (error) {
  reportFailure(error)
}
