import type { Fault } from 'kafka-restaurants-config-file'
import { createContext, placeName, runService } from 'kafka-restaurants-service'
import { createApp } from './app.ts'
import { type Arguments, readArguments, usage } from './arguments.ts'
import { readPipelines } from './config/read.ts'
import type { Pipeline } from './config/schema.ts'
import { Config } from './config.ts'
import { dryRun, unreachable } from './look.ts'

const args = given(process.argv.slice(2))
const pipelines = readFile(args.file)
if (args.command === 'check') await check()
else if (args.dryRun) await look()
else {
  await runService({
    name: 'eventor',
    config: Config,
    createApp: ({ PORT }, context) => createApp(pipelines, context, placeName(PORT)),
  })
}

async function check(): Promise<void> {
  const { log } = createContext('eventor', 'silent')
  const looked = args.connect ? pipelines.map(pipeline => unreachable(pipeline, log)) : []
  const faults = (await Promise.all(looked)).flat()
  if (faults.length > 0) {
    console.error(faults.join('\n'))
    process.exit(1)
  }
  const count = `${pipelines.length} ${pipelines.length === 1 ? 'pipeline' : 'pipelines'}`
  console.log(`${args.file}: ${count}, nothing wrong${args.connect ? ', and all could be reached' : ''}`)
  process.exit(0)
}

async function look(): Promise<void> {
  const { log } = createContext('eventor', 'silent')
  const looked = await Promise.allSettled(pipelines.map(pipeline => dryRun(pipeline, log)))
  for (const result of looked) {
    if (result.status === 'fulfilled') console.log(result.value)
    else console.error(result.reason instanceof Error ? result.reason.message : result.reason)
  }
  process.exit(looked.every(({ status }) => status === 'fulfilled') ? 0 : 1)
}

function given(words: string[]): Arguments {
  try {
    const read = readArguments(words)
    if (typeof read !== 'string') return read
    console.log(read)
    process.exit(0)
  } catch (error) {
    return giveUp(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  }
}

function readFile(file: string): Pipeline[] {
  try {
    const { pipelines, faults } = readPipelines(file, process.env)
    return pipelines ?? giveUp(faults.map(fault => inWords(file, fault)).join('\n'))
  } catch (error) {
    return giveUp(`${file} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}

function inWords(file: string, { line, path, message }: Fault): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`
}

function giveUp(words: string): never {
  console.error(words)
  process.exit(2)
}
