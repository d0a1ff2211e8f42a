import { randomUUID } from 'node:crypto'
import { DeadLetterChoice } from 'kafka-restaurants-contracts'
import { act, staff } from '../../../ops/desk.ts'
import { isOwnForm } from '../../../ops/own-form.ts'

/** Does what a form of the desk asks for, and leads back to what it was about, which then shows what came of it. */
export async function POST(request: Request): Promise<Response> {
  const by = await staff()
  if (!isOwnForm(request.headers))
    return new Response('origin: the form has to be sent by the page itself', {
      status: 403,
    })
  const form = await request.formData().catch(() => undefined)
  const text = (name: string) => String(form?.get(name) ?? '')
  const what = (['redrive', 'park'] as const).find(each => each === text('act'))
  const id = text('id')
  const { data: choice } = DeadLetterChoice.safeParse(
    id ? { id } : { group: text('group'), most: Number(text('most')) },
  )
  if (!what || !choice)
    return new Response('act, id, group or most: what the form says is wrong', { status: 400 })
  const key = text('key').slice(0, 100) || randomUUID()
  const { state } = await act(what, choice, by, key)
  const page =
    'id' in choice ? `/ops/letters/${encodeURIComponent(choice.id)}` : `/ops/groups/${choice.group}`
  const outcome = {
    ready: `act=${encodeURIComponent(key)}`,
    missing: 'failed=gone',
    unreachable: 'failed=away',
  }
  return new Response(null, { status: 303, headers: { location: `${page}?${outcome[state]}` } })
}
