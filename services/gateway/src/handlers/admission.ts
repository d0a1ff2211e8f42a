import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { watchedFile } from 'kafka-restaurants-config-file'
import { HttpProblem } from 'kafka-restaurants-service'
import type { Gateway } from '../config/schema.ts'
import { unavailable } from './refusals.ts'

type Settings = Pick<Gateway, 'apiKeys' | 'rateLimit'>

/**
 * Who may call: when the gateway is ready, with an API key where there are any, and no more often than is allowed. Notes
 * the name of the key's client for those who come after it.
 */
export const admission = (settings: Settings, notReady: () => string[]): RequestHandler[] => [
  (_request, response, next) => {
    if (notReady().length === 0) return next()
    response.set('Connection', 'close')
    throw unavailable('The gateway is not ready')
  },
  named(settings.apiKeys),
  ...limited(settings.rateLimit),
  (_request, response, next) => {
    if (settings.apiKeys.length === 0 || response.locals.client !== undefined) return next()
    throw new HttpProblem(401, 'An API key is needed', {
      detail: 'Send one as X-API-Key, or as a bearer token.',
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
  },
]

function named(apiKeys: Settings['apiKeys']): RequestHandler {
  const keys = apiKeys.map(({ name, key, keyFile }) => ({
    name,
    text: keyFile ? watchedFile(keyFile) : () => key ?? '',
  }))
  return (request, response, next) => {
    const given = keyOf(request)
    if (given !== undefined && given.length >= shortestKey) {
      const sent = digest(given)
      // All are compared, so that the time says nothing of which one it is like.
      const same = keys.filter(({ text }) => timingSafeEqual(digest(text()), sent))
      if (same[0]) response.locals.client = same[0].name
    }
    next()
  }
}

/** An empty file is nobody's key. */
const shortestKey = 16

const digest = (text: string) => createHash('sha256').update(text).digest()

const keyOf = (request: Request): string | undefined =>
  request.get('X-API-Key') ?? /^Bearer +(\S+)$/i.exec(request.get('Authorization') ?? '')?.[1]

function limited(limit: Settings['rateLimit']): RequestHandler[] {
  if (!limit) return []
  const { calls, perMs } = limit
  return [
    rateLimit({
      windowMs: perMs,
      limit: calls,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // What it warns of, proxies and addresses, the file says by trustProxy.
      validate: false,
      keyGenerator: (request, response) =>
        response.locals.client === undefined
          ? ipKeyGenerator(request.ip ?? '')
          : `key ${response.locals.client}`,
      handler: () => {
        throw new HttpProblem(429, 'Too many calls', {
          detail: `${calls} in ${perMs} ms are allowed.`,
          headers: { 'Retry-After': String(Math.ceil(perMs / 1000)) },
        })
      },
    }),
  ]
}
