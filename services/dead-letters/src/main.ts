import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import {
  type DeadLetters,
  DeadLettersError,
  deadLettersConnection,
  withDeadLetters,
} from 'kafka-restaurants-kafka/dead-letters'
import { createContext } from 'kafka-restaurants-service'
import { reportFailure, Trouble, UsageError } from 'kafka-restaurants-service/command'
import { type List, type Request, readRequest, type Settle, type Show } from './request.ts'
import { listText, rawValue, refusedText, showText } from './text.ts'

process.stdout.on('error', () => process.exit()) // whoever read it has seen enough
// As the first process of a container, it is ended by no signal that it does not ask for.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]))

try {
  const request = readRequest(process.argv.slice(2), process.env)
  if (typeof request === 'string') console.log(request)
  else await answer(request)
} catch (error) {
  reportFailure(error instanceof DeadLettersError ? new Trouble(error.message) : error)
  if (error instanceof UsageError) console.error('--help tells how it is used.')
  process.exit()
}

async function answer(request: Request): Promise<void> {
  const { log } = createContext('dead-letters', 'silent')
  const connection = deadLettersConnection({ ...process.env, BOOTSTRAP_SVR: request.bootstrap }, log)
  await withDeadLetters(connection, letters => {
    if (request.command === 'list') return list(letters, request)
    if (request.command === 'show') return show(letters, request)
    return settle(letters, request)
  })
}

async function list(letters: DeadLetters, { topic, reason, parked, json }: List): Promise<void> {
  const all = await (parked ? letters.parked(topic) : letters.open(topic))
  const found = all.filter(each => each.reason.includes(reason))
  console.log(json ? JSON.stringify(found, undefined, 2) : listText(found, parked ? 'parked' : 'open'))
}

async function show(letters: DeadLetters, { id, raw }: Show): Promise<void> {
  const found = await letters.find(id)
  if (raw) process.stdout.write(rawValue(found))
  else console.log(showText(id, found))
}

async function settle(letters: DeadLetters, { command, which, yes, most }: Settle): Promise<void> {
  const ids = 'id' in which ? [which.id] : await chosen(letters, which)
  if (!('id' in which)) {
    console.log(`${counted(ids.length)} to ${command}.`)
    if (ids.length === 0 || !(yes || (await confirmed(command)))) return
  }
  const { done, refused } = await (command === 'redrive' ? letters.redrive(ids, most) : letters.park(ids))
  if (done.length > 0)
    console.log(`${counted(done.length)} ${command === 'redrive' ? 'redriven' : 'parked'}.`)
  if (refused.length === 0) return
  throw new Trouble(refusedText(refused))
}

async function chosen(
  letters: DeadLetters,
  { reason, topic }: { reason: string; topic?: string },
): Promise<string[]> {
  const open = await letters.open(topic)
  return open.filter(each => each.reason.includes(reason)).map(({ id }) => id)
}

function counted(count: number): string {
  return `${count} dead ${count === 1 ? 'letter' : 'letters'}`
}

/** @throws UsageError when there is nobody to ask */
async function confirmed(command: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError(`Nobody is here to ask; to ${command} them all the same, add --yes.`)
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  const said = await new Promise<string>(resolve => {
    ask.once('close', () => resolve(''))
    ask.question(`Really ${command} them? [y/N] `, resolve)
  })
  ask.close()
  return /^y(es)?$/i.test(said.trim())
}
