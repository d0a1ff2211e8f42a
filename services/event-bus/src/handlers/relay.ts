import express, { type Express } from 'express'
import { topicFault } from 'kafka-restaurants-contracts'
import { topicPattern } from 'kafka-restaurants-event-bus'
import { RecordTooLargeError } from 'kafka-restaurants-kafka'
import { HttpProblem, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import type { Relay } from '../adapters/relay.ts'

const Query = z.object({ key: z.string().optional() })

/** Adds `POST /relay/TOPIC`, which writes JSON, as it is, to a topic of Kafka that comes in, whoever reads that. */
export function relayRoutes(http: Express, relay: Relay, patterns: readonly string[]): void {
  const inbound = patterns.map(topicPattern)
  const body = express.raw({ type: () => true, limit: '16mb' })
  http.post('/relay/:topic', body, async (request, response) => {
    const topic = String(request.params.topic)
    const { key = null } = parseRequest(Query, request.query, 'Invalid query')
    if (!inbound.some(({ matches }) => matches(topic))) {
      const detail = `${topic} does not come in here; what does is ${patterns.join(', ')}`
      throw new HttpProblem(404, 'No such topic', { detail })
    }
    const fault = topicFault(topic)
    if (fault) throw new HttpProblem(422, 'Invalid topic', { detail: `The topic ${fault}` })
    if (!isJson(request.body)) throw new HttpProblem(400, 'The body is not JSON')
    try {
      await relay.send(topic, request.body, key)
    } catch (cause) {
      if (cause instanceof RecordTooLargeError) throw new HttpProblem(413, 'The body is too large', { cause })
      throw new HttpProblem(503, 'Kafka does not take it now', { headers: { 'Retry-After': '5' }, cause })
    }
    response.status(202).json({ topic, status: 'written' })
  })
}

/** Where there is no body at all, it is no buffer. */
function isJson(body: unknown): body is Buffer {
  try {
    JSON.parse(String(body))
    return Buffer.isBuffer(body)
  } catch {
    return false
  }
}
