import { describe, expect, it } from 'vitest'
import { startInbox } from './inbox.ts'

describe('a mail', () => {
  it('is shown as it was written, with its text, its HTML and its letters of any alphabet', async () => {
    const inbox = await startInbox()
    const reply = await inbox.deliver({
      to: 'diner@example.com',
      subject: '=?UTF-8?Q?Your_order_=E2=9C=93?=',
      headers: [
        'Message-ID: <order-1.confirmed@example.com>',
        'MIME-Version: 1.0',
        'Content-Type: multipart/alternative; boundary=b',
      ],
      body: [
        '--b',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'Grüße',
        '--b',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<p>Grüße</p>',
        '--b--',
      ].join('\r\n'),
    })
    expect(reply).toMatch(/^250/)
    const { total, messages } = await inbox.list()
    expect(total).toBe(1)
    expect(messages[0]).toEqual({
      id: expect.any(String),
      messageId: '<order-1.confirmed@example.com>',
      from: 'Sender <sender@example.com>',
      to: ['diner@example.com'],
      subject: 'Your order ✓',
      text: expect.stringMatching(/^Grüße\s*$/),
      html: expect.stringMatching(/^<p>Grüße<\/p>\s*$/),
      receivedAt: expect.any(String),
    })
    expect(await (await inbox.get(`/api/messages/${messages[0]?.id}`)).json()).toEqual(messages[0])
  })

  it('larger than 1 MiB is refused', async () => {
    const inbox = await startInbox()
    const body = `${'x'.repeat(998)}\r\n`.repeat(1100)
    expect(await inbox.deliver({ to: 'diner@example.com', body })).toMatch(/^552/)
    expect((await inbox.list()).total).toBe(0)
  })

  it('that was answered 250 survives kill -9', async () => {
    const killed = await startInbox()
    expect(await killed.deliver({ to: 'diner@example.com', subject: 'kept' })).toMatch(/^250/)
    await killed.kill('SIGKILL')
    const next = await startInbox({ folder: killed.folder })
    expect((await next.list()).messages.map(({ subject }) => subject)).toEqual(['kept'])
    expect(await next.kill('SIGTERM')).toBe(0)
  })
})

describe('the list', () => {
  it('of more than there is memory for is answered whole', async () => {
    const inbox = await startInbox({ heapMiB: 40 })
    const body = `${'x'.repeat(998)}\r\n`.repeat(900)
    for (let index = 0; index < 60; index++)
      expect(await inbox.deliver({ to: `${index}@example.com`, body })).toMatch(/^250/)
    const { total, messages } = await inbox.list('?limit=10000')
    expect([total, messages.length]).toEqual([60, 60])
    expect(messages[0]?.to).toEqual(['59@example.com'])
  }, 60_000)

  it('is newest first, as long as asked for, and can be for one address in any case', async () => {
    const inbox = await startInbox()
    await inbox.deliver({ to: 'A@example.com', subject: 'one' })
    await inbox.deliver({ to: ['b@example.com', 'a@example.com'], subject: 'two' })
    await inbox.deliver({ to: 'b@example.com', subject: 'three' })
    const subjects = async (query: string) => {
      const { total, messages } = await inbox.list(query)
      return [total, ...messages.map(({ subject }) => subject)]
    }
    expect(await subjects('')).toEqual([3, 'three', 'two', 'one'])
    expect(await subjects('?limit=1')).toEqual([3, 'three'])
    expect(await subjects('?to=a@EXAMPLE.com')).toEqual([2, 'two', 'one'])
    expect(await subjects('?to=example.com')).toEqual([0])
    expect((await inbox.get('/api/messages?limit=0')).status).toBe(422)
  })

  it('keeps the newest mails alone, and counts all, over a restart too', async () => {
    const inbox = await startInbox({ cap: 3 })
    for (const subject of ['1', '2', '3', '4', '5']) await inbox.deliver({ to: 'a@example.com', subject })
    const newest = {
      total: 5,
      messages: ['5', '4', '3'].map(subject => expect.objectContaining({ subject })),
    }
    expect(await inbox.list()).toEqual(newest)
    expect((await inbox.list('?to=a@example.com')).total).toBe(3)
    await inbox.kill('SIGTERM')
    expect(await (await startInbox({ folder: inbox.folder, cap: 3 })).list()).toEqual(newest)
  })

  it('can be cleared', async () => {
    const inbox = await startInbox()
    await inbox.deliver({ to: 'a@example.com' })
    const [before] = (await inbox.list()).messages
    expect((await fetch(`${inbox.url}/api/messages`, { method: 'DELETE' })).status).toBe(204)
    expect(await inbox.list()).toEqual({ total: 0, messages: [] })
    await inbox.deliver({ to: 'a@example.com' })
    const { total, messages } = await inbox.list()
    expect(total).toBe(1)
    expect(messages[0]?.id).not.toBe(before?.id)
  })

  it('has no mail by a wrong id: 404', async () => {
    const inbox = await startInbox()
    for (const id of ['999', 'abc', '-1']) {
      expect((await inbox.get(`/api/messages/${id}`)).status).toBe(404)
      expect((await inbox.get(`/messages/${id}`)).status).toBe(404)
    }
  })
})

describe('the mode', () => {
  it('away answers 421 to every connection, and normal takes mail again', async () => {
    const inbox = await startInbox()
    await inbox.setMode({ mode: 'away' })
    expect(await inbox.deliver({ to: 'a@example.com' })).toMatch(/^421/)
    await inbox.setMode({ mode: 'normal' })
    expect(await inbox.deliver({ to: 'a@example.com' })).toMatch(/^250/)
    expect((await inbox.list()).total).toBe(1)
  })

  it('refuse answers 550 for one address alone', async () => {
    const inbox = await startInbox()
    await inbox.setMode({ mode: 'refuse', address: 'Gone@example.com' })
    expect(await inbox.deliver({ to: 'gone@example.com' })).toMatch(/^550/)
    expect(await inbox.deliver({ to: 'a@example.com' })).toMatch(/^250/)
  })

  it('slow takes mail late', async () => {
    const inbox = await startInbox()
    await inbox.setMode({ mode: 'slow', delayMs: 200 })
    const before = performance.now()
    expect(await inbox.deliver({ to: 'a@example.com' })).toMatch(/^250/)
    expect(performance.now() - before).toBeGreaterThan(190)
  })

  it('is refused when nobody knows it', async () => {
    const inbox = await startInbox()
    expect((await inbox.setMode({ mode: 'closed' })).status).toBe(422)
  })
})
