import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { endWith, HttpProblem } from 'kafka-restaurants-service'
import { type Answer, type Answers, aboutBody } from '../answers.ts'

/** `GET /search`: a page of the restaurants that fit. */
export const searchHandler =
  (answers: () => Answers): RequestHandler =>
  (request, response) =>
    send(request, response, answers().search(queryOf(request.url)))

/** `GET /styles`: the styles there are, and how many restaurants have them. */
export const stylesHandler =
  (answers: () => Answers): RequestHandler =>
  (request, response) =>
    send(request, response, answers().styles(queryOf(request.url)))

/** `GET /restaurants/:id`: the restaurant with its menu, and the currency of its prices. */
export const restaurantHandler =
  (answers: () => Answers): RequestHandler =>
  (request, response) => {
    const answer = answers().restaurant(String(request.params.id))
    if (!answer) throw unknownRestaurant()
    send(request, response, answer)
  }

/**
 * Answers the same as these three, where all is as usual, and leaves the rest to them: Express takes longer to find the
 * route than all else does.
 * @param prepare adds headers that every answer has
 * @returns the route of what it has answered
 */
export const answersDirectly =
  (
    answers: () => Answers,
    prepare: (request: IncomingMessage, response: ServerResponse, next: () => void) => void,
  ) =>
  (request: IncomingMessage, response: ServerResponse): string | undefined => {
    if (request.method !== 'GET') return undefined
    const { url = '' } = request
    const query = queryOf(url)
    const path = url.slice(0, url.length - query.length).replace('?', '')
    const [, id] = /^\/restaurants\/([\w-]+)$/.exec(path) ?? []
    const answer = orNone(() => answerTo({ path, id, query }, answers()))
    if (!answer) return undefined
    prepare(request, response, () => send(request, response, answer))
    return id === undefined ? path : '/restaurants/:id'
  }

function answerTo(
  { path, id, query }: { path: string; id: string | undefined; query: string },
  answers: Answers,
): Answer | undefined {
  if (path === '/search') return answers.search(query)
  if (path === '/styles') return answers.styles(query)
  return id === undefined ? undefined : answers.restaurant(id)
}

function orNone<Found>(find: () => Found): Found | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}

/** Behind the question mark. */
function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

/** 304 where the caller has it already (RFC 9110, 13.1.2). */
function send(request: IncomingMessage, response: ServerResponse, { body, etag, headers }: Answer): void {
  if (isKnown(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers.slice(aboutBody)).end()
  } else {
    endWith(response.writeHead(200, headers), body)
  }
}

/** Who compresses an answer says that the tag is weak from then on. */
const isKnown = (tags: string | undefined, etag: string) =>
  tags !== undefined && (tags === '*' || tags.split(',').some(tag => tag.trim().replace(/^W\//, '') === etag))

/** That a restaurant is not in the catalogue, and how to find those that are. */
export const unknownRestaurant = () =>
  new HttpProblem(404, 'Unknown restaurant', {
    detail: 'No restaurant has this id or name; GET /search lists those there are.',
    errors: [{ field: 'restaurant', message: 'is not in the catalogue' }],
  })
