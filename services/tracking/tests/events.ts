import { expect, onTestFinished, vi } from 'vitest'

/** Opens a stream of events, closed with the test. Resolves when it is open. */
export async function events(url: string, lastEventId = '') {
  const aborting = new AbortController()
  onTestFinished(() => aborting.abort())
  const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) }
  const response = await fetch(url, { headers, signal: aborting.signal })
  expect(response.headers.get('Content-Type')).toMatch(/^text\/event-stream/)
  const got: { id: string; event: string; data: string; at: number }[] = []
  const read = async () => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const {
          id = '',
          event = 'message',
          data,
        } = Object.fromEntries(
          part.split('\n').map(line => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
        )
        if (data) got.push({ id, event, data, at: Date.now() })
      }
    }
  }
  void read().catch(() => {})
  return { got, has: (count: number) => vi.waitFor(() => expect(got).toHaveLength(count), 30_000) }
}
