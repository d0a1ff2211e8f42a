import { z } from 'zod'
import { passHeaders } from './fields.ts'

/** What the processors of all brokers know. */
export const ofProcessors = {
  when: z
    .array(z.enum(['onSuccess', 'onError']))
    .min(1, 'names nothing: onSuccess, onError, or both')
    .default(['onSuccess'])
    .describe(
      '`onSuccess`: a status below 400. `onError`: one from 400 on, which is published then, unless `retry` or `deadLetter` names it in this file',
    ),
}
const ownOnResult = ['source', 'response_status', 'content-type', 'traceparent', 'correlation_id']
export const passHeadersOfResponse = (...own: string[]) =>
  passHeaders(...ownOnResult, ...own).describe(
    "the response's headers that go onto the result; `traceparent` and `correlation_id` always do",
  )
export const ofResult = { ofResult: true }
