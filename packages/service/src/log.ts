import { writeSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'
import { redactedFields, redactedText } from './redact.ts'
import { traceFields } from './tracing.ts'

/** So long a reader that is slow is waited for, once, until it has read again; in ms. */
const patienceMs = 500
const mostMessage = 2_000
const mostStack = 3_000
const mostCauses = 3

/**
 * The log of a process. An error in it is told by its kind, message, stack, code and causes alone: what else it carries
 * may be a whole record. Card numbers, mail addresses and what has a secret's name are masked in all of it. A line that
 * can't be written is lost.
 * @param level a level of pino
 * @param output standard output unless given
 */
export const createLog = (name: string, level: string, output: DestinationStream): Logger =>
  pino(
    {
      name,
      level,
      serializers: { err: error => shown(error) },
      mixin: traceFields,
      formatters: { log: redactedFields },
      hooks: {
        logMethod(args, method) {
          method.apply(this, redactedArgs(args) as typeof args)
        },
      },
    },
    output,
  )

/** What a line is made of; its fields come first, if there are any, and are looked through when it is written. */
function redactedArgs([first, ...others]: unknown[]): unknown[] {
  // pino would take its message for the line's.
  if (first instanceof Error && others.length === 0) return [{ err: first }, redactedText(first.message)]
  const safe = (value: unknown) => {
    if (typeof value === 'string') return redactedText(value)
    return typeof value === 'object' && value !== null ? redactedFields(value) : value
  }
  return [typeof first === 'string' ? redactedText(first) : first, ...others.map(safe)]
}

function shown(error: unknown, depth = 0): object | string {
  if (!(error instanceof Error)) return redactedText(String(error).slice(0, mostMessage))
  const { code, cause } = error as Error & { code?: unknown }
  const causes = error instanceof AggregateError ? error.errors : cause === undefined ? [] : [cause]
  return {
    type: error.constructor.name,
    message: redactedText(error.message.slice(0, mostMessage)),
    stack: error.stack && redactedText(error.stack.slice(0, mostStack)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(causes.length > 0 && depth < mostCauses
      ? { causes: causes.slice(0, 3).map(each => shown(each, depth + 1)) }
      : {}),
  }
}

export interface Output extends DestinationStream {
  /** Why lines are being lost, in a sentence; undefined when the last one was written. */
  trouble: () => string | undefined
}

/**
 * Writes at once, so that no line is lost with the process; and where a line can't be written (a full disk, a pipe that
 * nobody reads), does without it, as no service may stand still for its log.
 * @param onLost called for each line that was not written, or not whole
 */
export function lossyOutput(onLost: () => void, fd = 1): Output {
  let lost: { lines: number; why: string } | undefined
  let isTorn = false
  return {
    trouble: () => lost && `${lost.lines} lines of its log could not be written: ${lost.why}`,
    write: line => {
      const bytes = Buffer.from(isTorn ? `\n${line}` : line)
      let written = 0
      const until = Date.now() + (lost ? 0 : patienceMs)
      while (written < bytes.length) {
        try {
          written += writeSync(fd, bytes, written)
        } catch (error) {
          const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
          if (why === 'EAGAIN' && Date.now() < until) {
            pause(10)
            continue
          }
          isTorn ||= written > 0
          lost = { lines: (lost?.lines ?? 0) + 1, why }
          onLost()
          return
        }
      }
      isTorn = false
      lost = undefined
    },
  }
}

const pause = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
