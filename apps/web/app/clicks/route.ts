import { sendClick, TracedClick, tracedShare } from '../../api/click-traces.ts'

const longest = 1_000

/** Takes the span of a click, which the browser has no collector to send to. A page of another site can't. */
export async function POST(request: Request): Promise<Response> {
  if (tracedShare() === undefined) return new Response(null, { status: 404 })
  const { headers } = request
  if ((headers.get('sec-fetch-site') ?? 'same-origin') !== 'same-origin')
    return new Response(null, { status: 403 })
  const body = Number(headers.get('content-length') ?? longest) < longest ? await request.text() : ''
  const click = TracedClick.safeParse(jsonOf(body))
  if (!click.success) return new Response(null, { status: 400 })
  // Nobody waits for it: it is sent in the background, and lost where the collector is away.
  sendClick(click.data).catch(() => {})
  return new Response(null, { status: 204 })
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
