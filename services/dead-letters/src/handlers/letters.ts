import type { Request, RequestHandler } from 'express'
import { DeadLetterGroupId, DeadLetterId } from 'kafka-restaurants-contracts'
import { HttpProblem, parseRequest } from 'kafka-restaurants-service'
import { z } from 'zod'
import { groupPage, groupsTold } from '../desk/groups.ts'
import { shownRecord } from '../desk/shown.ts'
import type { Ask, DeskWatch, Seen } from '../desk/watch.ts'

export const ListQuery = z.object({
  after: DeadLetterId.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** The largest groups may be all of other topics. */
export const GroupsQuery = z.object({ topic: z.string().max(249).optional() })

type Handlers = Record<'groups' | 'group' | 'letter', RequestHandler>

/** What is read of the desk. */
export const letterHandlers = ({ watch, ask }: { watch: DeskWatch; ask: Ask }): Handlers => ({
  groups: async (request, response) => {
    const { topic } = parseRequest(GroupsQuery, request.query, 'Invalid query')
    const { groups, topics } = await watch.recent()
    response.set('Cache-Control', 'no-store').json(groupsTold(groups, topics, topic))
  },
  group: async (request, response) => {
    const id = idIn(request, DeadLetterGroupId)
    const query = parseRequest(ListQuery, request.query, 'Invalid query')
    const group = (await watch.recent()).groups.get(id)
    if (!group) throw new HttpProblem(404, 'Nothing of this group is open')
    response.set('Cache-Control', 'no-store').json(groupPage(group, query))
  },
  letter: async (request, response) => {
    const id = idIn(request, DeadLetterId)
    const found = await ask(letters => letters.find(id))
    const group = found.state === 'open' ? groupWith(await watch.recent(), id) : undefined
    response.set('Cache-Control', 'no-store').json(shownRecord(found, group))
  },
})

function idIn(request: Request, schema: z.ZodType<string>): string {
  return parseRequest(z.object({ id: schema }), request.params, 'Invalid id').id
}

const groupWith = ({ groups }: Seen, id: string) =>
  [...groups.values()].find(({ letters }) => letters.some(({ line }) => line.id === id))?.key.id
