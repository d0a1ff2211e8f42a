import { UsageError } from 'kafka-restaurants-service/command'
import { describe, expect, it } from 'vitest'
import { readRequest } from './request.ts'

const read = (line: string, env: NodeJS.ProcessEnv = {}) => readRequest(line.split(' ').filter(Boolean), env)
const id = 'order.dead-letters-3@17'

describe('the command line of npm run dead-letters', () => {
  it('lists what is open where nothing else is said', () => {
    const list = { command: 'list', bootstrap: 'localhost:9092', reason: '', parked: false, json: false }
    expect(read('')).toEqual(list)
    expect(read('list')).toEqual(list)
    expect(read('--topic order --json')).toEqual({ ...list, topic: 'order', json: true })
  })

  it('takes one by its id, or all of a kind', () => {
    expect(read(`redrive ${id}`)).toMatchObject({ command: 'redrive', which: { id }, yes: false, most: 3 })
    expect(read('park --reason JSON --topic order --yes')).toMatchObject({
      command: 'park',
      which: { reason: 'JSON', topic: 'order' },
      yes: true,
    })
    expect(readRequest(['redrive', '--reason', '', '--most', '7'], {})).toMatchObject({
      which: { reason: '' },
      most: 7,
    })
  })

  it('finds Kafka by option, environment, or where npm start has it', () => {
    expect(read('--bootstrap a:1,b:2', { BOOTSTRAP_SVR: 'c:3' })).toMatchObject({ bootstrap: 'a:1,b:2' })
    expect(read('', { BOOTSTRAP_SVR: 'c:3', PORT_OFFSET: '5' })).toMatchObject({ bootstrap: 'c:3' })
    expect(read('', { PORT_OFFSET: '100' })).toMatchObject({ bootstrap: 'localhost:9192' })
  })

  it.each([
    ['fly', /no command "fly"/],
    ['list --raw', /takes no --raw/],
    [`list ${id}`, /To see one: show ID/],
    ['show', /Give an id/],
    ['show order', /"order" is no id/],
    [`show ${id} ${id}`, /One id at a time/],
    ['redrive', /either an id, or --reason/],
    ['park --topic order', /either an id, or --reason/],
    [`park ${id} --reason x`, /either an id, or --reason/],
    [`park ${id} --most 2`, /takes no --most/],
    [`redrive ${id} --most many`, /--most must be a whole number/],
    ['--bootstrap here', /must be host:port/],
    ['--fly', /--fly/],
  ])('refuses "%s"', (line, why) => {
    expect(() => read(line)).toThrow(UsageError)
    expect(() => read(line)).toThrow(why)
  })

  it.each(['list', 'show', 'redrive', 'park'])('%s explains itself', command => {
    expect(read(`${command} --help`)).toMatch(/^npm run dead-letters/)
  })
})
