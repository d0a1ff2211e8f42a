import { type Agent, type Dispatcher, errors } from 'undici'
import { type Answer, tooLarge, unusableAnswer } from './answer.ts'
import { fromHttp, toHttp } from './header-text.ts'
import { NetworkError, networkError } from './network-error.ts'

type Options = Agent.DispatchOptions & { origin: string; headers: Record<string, string> }

interface Limits {
  /** Counts from the start, waiting for a connection included. */
  timeoutMs: number
  /** What `agent` allows. */
  maxBytes: number
}

/**
 * One request and its whole answer. Uses undici's `dispatch`, as the stream and the abort signal of its `request` cost
 * about as much as the exchange itself. Headers are text here, and UTF-8 on the line, both ways.
 * @throws NetworkError when there is no answer; UnreadableRecordError when it is too large
 */
export const exchange = (agent: Agent, options: Options, { timeoutMs, maxBytes }: Limits): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let status: number | undefined
    let headers: Answer['headers'] = {}
    let controller: Dispatcher.DispatchController | undefined
    let timeout: Error | undefined

    /** What HTTP can't send at all, such as a broken token, stays what it is. */
    const faultOf = (error: Error) => {
      if (error instanceof errors.InvalidArgumentError) return error
      if (error instanceof errors.ResponseExceededMaxSizeError)
        return unusableAnswer(tooLarge(maxBytes), status)
      if (error instanceof errors.HeadersOverflowError) return unusableAnswer('has too many headers')
      return networkError(options.origin, error)
    }
    const timer = setTimeout(() => {
      timeout = new NetworkError(`${options.origin}: no answer within ${timeoutMs} ms`)
      reject(timeout)
      controller?.abort(timeout)
    }, timeoutMs)

    agent.dispatch(
      { ...options, headers: mapped(options.headers, toHttp) },
      {
        onRequestStart: given => {
          controller = given
          if (timeout) controller.abort(timeout)
        },
        onResponseStart: (_, statusCode, rawHeaders) => {
          status = statusCode
          headers = textHeaders(rawHeaders)
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          clearTimeout(timer)
          const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
          resolve({ status: status ?? 0, headers, body })
        },
        onResponseError: (_, error) => {
          clearTimeout(timer)
          reject(faultOf(error))
        },
      },
    )
  })

const textHeaders = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  mapped(headers, value => fromHttp([value ?? ''].flat().join(', ')))

/** Assigned, not spread: a header may be called `__proto__`, which is then dropped. */
function mapped<Value>(headers: Record<string, Value>, change: (value: Value) => string) {
  const changed: Record<string, string> = {}
  for (const name in headers) changed[name] = change(headers[name] as Value)
  return changed
}
