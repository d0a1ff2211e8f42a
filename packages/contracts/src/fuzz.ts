import fc, { type Arbitrary } from 'fast-check'
import { cardPattern, maskCardNumbers } from './card.ts'

/**
 * The same values every time, so that a change is what makes a test fail: FUZZ_SEED is for looking further, with a number
 * or as `random`.
 */
const seed = seedOf(process.env.FUZZ_SEED)

function seedOf(wanted = '1963099841'): number {
  return wanted === 'random' ? Math.ceil(Math.random() * 2 ** 31) : Number(wanted)
}

/** How many values a test tries: 1,000, or with FUZZ=all so many. */
export const howMany = (all: number): number => (process.env.FUZZ === 'all' ? all : 1_000)

/** Generates values; the same ones for the same FUZZ_SEED. */
export const generate = <T>(values: Arbitrary<T>, count: number): T[] =>
  fc.sample(values, { seed, numRuns: count })

/**
 * Generates values, and does something with each, with 50 at the same time.
 * @throws Error with the seed and the first few values that it failed for, each with why
 */
export async function withEach<T>(values: Arbitrary<T>, count: number, act: (value: T) => Promise<void>) {
  const waiting = generate(values, count)
  // Generating takes so long that the other side may have closed idle connections: that has to be noticed first.
  await new Promise(setImmediate)
  const wrong: Wrong[] = []
  const takeTurns = async () => {
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      await act(value).catch(why => wrong.push({ why, value }))
    }
  }
  await Promise.all(Array.from({ length: 50 }, takeTurns))
  expectNone(wrong)
}

/** A generated value that broke something, and why that is wrong. */
export interface Wrong {
  why: unknown
  value: unknown
}

/** @throws Error with the seed and the first few values, without card numbers, where there are any */
export function expectNone(wrong: Wrong[]): void {
  if (wrong.length === 0) return
  const some = wrong
    .slice(0, 5)
    .map(
      ({ why, value }) => `${why} ${why instanceof Error && why.cause ? why.cause : ''}:\n  ${shown(value)}`,
    )
  throw new Error(maskCardNumbers(`${wrong.length} went wrong with FUZZ_SEED=${seed}\n${some.join('\n')}`))
}

/** A value as JSON, its bytes as latin1 text, cut off after 2,000 characters. */
const shown = (value: unknown) =>
  JSON.stringify(value, (_name, part) =>
    part?.type === 'Buffer' ? Buffer.from(part.data).toString('latin1') : part,
  )?.slice(0, 2_000)

/**
 * Waits until nothing is left, however long that takes on a busy machine.
 * @returns whether it came to that; it did not when for a minute nothing became less
 */
export async function comesToEnd(left: () => Promise<number>): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY
  for (let since = Date.now(); Date.now() - since < 60_000; ) {
    const now = await left()
    if (now === 0) return true
    if (now < least) [least, since] = [now, Date.now()]
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  return false
}

/** Numbers of test cards: one that pays, one without money. */
export const fuzzCards = ['4242424242424242', '4000000000009995']

/** Whether one of those numbers stands in a text, in any grouping. */
export const showsCard = (text: string) => fuzzCards.some(card => cardPattern(card).test(text))

/** A value's JSON. */
export const json = <T>(values: Arbitrary<T>): Arbitrary<string> => values.map(value => JSON.stringify(value))

/** Strings that something may trip over: line ends, NUL, lone surrogates, other alphabets, names that objects have. */
export const oddText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    ' ',
    ' a ',
    'a\r\nX-Evil: 1',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    'Ü',
    '日本',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'null', 'NaN', '%s', '<b>', "' OR 1=1 --", '../..'),
  fc.constantFrom(
    ...fuzzCards,
    '4242 4242-4242 4242',
    '4242  4242\u00a04242 – 4242',
    `${fuzzCards[0]}.a.b.c.d`,
    `x${fuzzCards[0]}x`,
  ),
  fc.integer({ min: 1, max: 6_000 }).map(length => 'x'.repeat(length)),
)

/** Such strings as HTTP lets into a header: bytes, no control characters among them, and not too many. */
export const oddHeader: Arbitrary<string> = oddText.map(text =>
  text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 2_000),
)

/** JSON of any kind, deep and large ones and numbers that JavaScript can't hold among them. */
export const oddJson: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: json(oddText) },
  { weight: 2, arbitrary: fc.json({ stringUnit: 'binary' }) },
  fc.constantFrom('null', 'true', '{}', '[]', '[null]', '{"__proto__":{"order_id":"x","status":1}}'),
  fc.constantFrom(
    '0',
    '-0',
    '-1',
    '0.5',
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740991',
    '9007199254740993',
  ),
  fc.constantFrom(...fuzzCards, '12345678901234567890123', '2147483648', '1e20'),
  fc.integer({ min: 1, max: 2_000 }).map(length => `[${Array(length).fill(0)}]`),
  fc.integer({ min: 1, max: 15_000 }).map(depth => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 1, max: 5_000 }).map(depth => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
)

type Change = { how: 'replace' | 'remove' | 'repeat' | 'add'; at: number; name: string; value: string }

/**
 * JSON of objects that are right or nearly so: each field as given (as JSON), but for up to three that are replaced,
 * left out, repeated with another value, or strangers.
 */
export function nearly(fields: Record<string, Arbitrary<string>>): Arbitrary<string> {
  const change: Arbitrary<Change> = fc.record({
    how: fc.constantFrom('replace', 'remove', 'repeat', 'add'),
    at: fc.nat({ max: Object.keys(fields).length - 1 }),
    name: oddText,
    value: oddJson,
  })
  const changes = fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.tuple(change) },
    fc.array(change, { maxLength: 3 }),
  )
  return fc.tuple(fc.record(fields), changes).map(([right, wrong]) => {
    const members = Object.entries(right)
    for (const { how, at, name, value } of wrong) {
      const member = members[at]
      if (how === 'add' || !member) members.push([name, value])
      else if (how === 'repeat') members.push([member[0], value])
      else if (how === 'replace') member[1] = value
      else members.splice(at, 1)
    }
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
  })
}

/** JSON that is much: deep, long, growing when it is written again, or wrong in very many places. */
export const muchJson: Arbitrary<string> = fc.oneof(
  fc.integer({ min: 4_000, max: 400_000 }).map(depth => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 10_000, max: 200_000 }).map(length => `[${Array(length).fill(0)}]`),
  fc.integer({ min: 10_000, max: 200_000 }).map(length => `[${Array(length).fill('1e20')}]`),
  fc.integer({ min: 100_000, max: 1_200_000 }).map(length => JSON.stringify('x'.repeat(length))),
)

/** Bytes to send in place of such a text: mostly itself, else other JSON, broken JSON, or no text at all. */
export const oddBytes = (text: Arbitrary<string>): Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 16, arbitrary: text.map(whole => Buffer.from(whole)) },
    { weight: 2, arbitrary: oddJson.map(other => Buffer.from(other)) },
    fc.tuple(text, fc.nat()).map(([whole, at]) => Buffer.from(whole.slice(0, at % (whole.length + 1)))),
    text.map(whole => Buffer.from(`\ufeff${whole}`)),
    text.map(whole => Buffer.from(whole, 'utf16le')),
    text.map(whole => Buffer.from(whole.replaceAll('e', 'é'), 'latin1')),
    text.map(whole => Buffer.from(`${whole}${whole}`)),
    fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
  )

/** Records of a topic with such values, tombstones among them, and keys and headers of any bytes. */
export const oddRecord = (topic: string, values: Arbitrary<Buffer>) => {
  const bytes = fc.uint8Array({ maxLength: 20 }).map(some => Buffer.from(some))
  const text = oddText.map(some => Buffer.from(some))
  return fc.record({
    topic: fc.constant(topic),
    key: fc.oneof(fc.constant(null), fc.constant(Buffer.from('same')), bytes, text),
    value: fc.oneof({ weight: 100, arbitrary: values }, fc.constant(null)),
    headers: fc.dictionary(
      fc.oneof(oddText, fc.constantFrom('traceparent', 'correlation_id', 'dead_letter_reason')),
      fc.oneof(bytes, text),
      { maxKeys: 3 },
    ),
  })
}
