import { didYouMean, either } from 'kafka-restaurants-config-file'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { withoutMark } from 'kafka-restaurants-service'
import {
  Liquid,
  LiquidError,
  Output,
  Tag,
  type Template,
  TypeGuards,
  toValueSync,
  type Value,
} from 'liquidjs'
import type { Event, Scope } from '../event.ts'

/** The endpoint's answer, as templates see it. */
export interface TemplateResponse {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export interface TemplateOptions {
  /** Whether it is about a result, and so may speak of the `response`. */
  ofResult?: boolean
  /** Whether it makes a URL: what comes from the event is percent-encoded then, but for `{{ … | raw }}`. */
  inUrl?: boolean
}

/** Whether there is anything to fill in. */
export const isTemplate = (text: string): boolean => /\{[{%]/.test(text)

/** @throws UnreadableRecordError for a variable that the event does not have, or when a filter can't take its value */
export type Render = (scope: Scope) => string

const ofEvents = ['key', 'headers', 'body', 'topic', 'partition', 'offset']
const ofResults = [...ofEvents, 'response']

/**
 * Compiles a Liquid template: `orders/{{ body.orderId }}`. Lists and mappings come out as JSON.
 * A variable that may be missing needs `| default:`, or an `if` around it; in the path of a URL, one that may be empty, too.
 * @throws Error in words, which repeats nothing of the text but names of variables, filters and tags
 */
export function compileTemplate(text: string, { ofResult, inUrl }: TemplateOptions = {}): Render {
  if (!isTemplate(text)) return () => text
  const engine = inUrl ? urlEngine : plainEngine
  const { parsed, names } = inWords(() => {
    const parsed = engine.parse(text)
    if (inUrl) requireParts(parsed, text)
    return { parsed, names: engine.globalVariablesSync(parsed) }
  })
  const known = ofResult ? ofResults : ofEvents
  for (const name of names) {
    if (!known.includes(name))
      throw new Error(`unknown variable ${name}${didYouMean(name, known) || `: there is ${either(known)}`}`)
  }
  return scope => {
    try {
      return String(engine.renderSync(parsed, scope()))
    } catch (error) {
      throw new UnreadableRecordError(whyNotRendered(error))
    }
  }
}

/**
 * What templates may name: key, headers, topic, partition and offset of the event, and its body: the value where it is
 * JSON, parsed when it is first used, else the text. With a response, its status, headers and body as well.
 */
export function scopeOf(event: Event, response?: TemplateResponse): Scope {
  let scope: object | undefined
  return () => {
    scope ??= named(event, response)
    return scope
  }
}

function named({ key, value, headers, topic, partition, offset }: Event, response?: TemplateResponse) {
  const body = read(value)
  const scope = {
    key: key?.toString() ?? null,
    headers,
    topic,
    partition,
    offset,
    get body() {
      return body()
    },
  }
  return response ? Object.assign(scope, { response: seen(response) }) : scope
}

function seen({ status, headers, body: bytes }: TemplateResponse): object {
  const body = read(bytes)
  return {
    status,
    headers,
    get body() {
      return body()
    },
  }
}

function read(bytes: Buffer): () => unknown {
  let done: { value: unknown } | undefined
  return () => {
    done ??= { value: parsed(withoutMark(bytes.toString())) }
    return done.value
  }
}

function parsed(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactly) : JSON.parse(text)
  } catch {
    return text
  }
}

declare global {
  // As ECMAScript 2026 has them, and Node 24.
  interface JSON {
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { source: string }) => unknown,
    ): unknown
    rawJSON(text: string): unknown
  }
}

/** Keeps the digits of whole numbers that a double would round: they are mostly identifiers. */
function exactly(_key: string, value: unknown, { source }: { source: string }): unknown {
  return typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
    ? new ExactNumber(source)
    : value
}

class ExactNumber {
  readonly #digits: string
  constructor(digits: string) {
    this.#digits = digits
  }
  toString(): string {
    return this.#digits
  }
  valueOf(): number {
    return Number(this.#digits)
  }
  toJSON(): unknown {
    return JSON.rawJSON(this.#digits)
  }
}

const asText = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What `url_encode` has encoded already. */
class Encoded {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const options = {
  strictVariables: true,
  strictFilters: true,
  lenientIf: true,
  // Without this, {% render %} would read files.
  templates: {},
}
const plainEngine = new Liquid({ ...options, outputEscape: asText })
const urlEngine = new Liquid({
  ...options,
  outputEscape: value => (value instanceof Encoded ? value.text : encodeURIComponent(asText(value))),
})

/** An output: `{{ body.id }}`. The tag `echo` is one, too. */
type Part = Template & { value: Pick<Value, 'filters' | 'value'> }

const isPart = (template: Template): template is Part =>
  template instanceof Output || (template instanceof Tag && template.name === 'echo' && 'value' in template)

const within = (template: Template): Template[] => [
  template,
  ...toValueSync<Template[]>(template.children?.(false, true) ?? []).flatMap(within),
]

/**
 * Has each output before the query of a URL refuse to be empty: `DELETE /items/{{ body.id }}` of an event with an empty id
 * would be a call about all items. Not where the template itself gives a text by `| default:`.
 */
function requireParts(templates: Template[], text: string): void {
  const literal = text.replace(/\{\{.*?\}\}|\{%.*?%\}/gs, hidden => ' '.repeat(hidden.length))
  const query = literal.search(/[?#]/)
  for (const part of templates.flatMap(within).filter(isPart)) {
    const { value, token } = part
    const hasDefault = value.filters.some(({ name, args }) => name === 'default' && args.some(isLiteral))
    if (hasDefault || (query >= 0 && token.begin > query)) continue
    const [name = 'text'] = urlEngine.globalFullVariablesSync([part])
    const render = value.value.bind(value)
    value.value = function* (...given) {
      const found = yield* render(...given)
      if (/^(\s|%(09|0A|0D|20))*$/.test(asText(found)))
        throw new UnreadableRecordError(`the event has no ${name} for the path of the URL`)
      return found
    }
  }
}

const isLiteral = (arg: unknown) => TypeGuards.isQuotedToken(arg) || TypeGuards.isNumberToken(arg)

urlEngine.registerFilter('url_encode', value => new Encoded(encodeURIComponent(asText(value))))

function inWords<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new Error(whyNotCompiled(error))
  }
}

function whyNotCompiled(error: unknown): string {
  const { message, at } = told(error)
  const filter = /^undefined filter: (\w+)/.exec(message)?.[1]
  if (filter) return `unknown filter ${filter}${didYouMean(filter, Object.keys(plainEngine.filters))}`
  const tag = /^tag "(\w+)" not found/.exec(message)?.[1]
  if (tag) return `unknown tag ${tag}${didYouMean(tag, Object.keys(plainEngine.tags))}`
  if (/ not closed/.test(message)) return `a {{ or {% is not closed${at}`
  return `is no Liquid template${at}`
}

/** Without what a filter says, for it may repeat what the event holds. */
function whyNotRendered(error: unknown): string {
  if (error instanceof LiquidError && error.originalError instanceof UnreadableRecordError)
    return error.originalError.message
  const { message, at } = told(error)
  const variable = /^undefined variable: ([\w.-]+)/.exec(message)?.[1]
  return variable ? `the event has no ${variable} for the template` : `the template can not be filled in${at}`
}

function told(error: unknown): { message: string; at: string } {
  if (!(error instanceof LiquidError)) return { message: String(error), at: '' }
  const [line, column] = error.token.getPosition()
  return { message: error.message, at: ` (line ${line}, column ${column} of it)` }
}
