import { describe, expect, it } from 'vitest'
import { startInbox } from './inbox.ts'

const evil = `"'><script>alert(1)</script>`
const html = (body: string) => ({ headers: ['Content-Type: text/html; charset=utf-8'], body })
const scripts = (page: string) => page.match(/<script/g)?.length

describe('the page', () => {
  it('says so when there is no mail', async () => {
    const inbox = await startInbox()
    expect(await inbox.page('/')).toContain('No mail here yet')
    expect(await inbox.page('/?to=a@example.com')).toMatch(
      /<h1>Mail for <bdi>a@example.com<\/bdi><\/h1>.*No mail for this address yet/,
    )
  })

  it('lists mails, and shows one with its list beside it', async () => {
    const inbox = await startInbox()
    await inbox.deliver({ to: 'a@example.com', subject: 'Yours', ...html('<p>Enjoy</p>') })
    await inbox.deliver({ to: 'b@example.com', subject: 'Theirs' })
    const [mail] = (await inbox.list('?to=a@example.com')).messages
    const list = await inbox.page('/?to=A@example.com')
    expect(list).toContain('Yours')
    expect(list).not.toContain('Theirs')
    expect(list).toContain(`href="./messages/${mail?.id}?to=A%40example.com"`)
    const page = await inbox.page(`/messages/${mail?.id}`)
    expect(page).toContain('<h1 dir="auto">Yours</h1>')
    expect(page).toContain('Theirs')
    expect(page).toMatch(
      /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox" [^>]*srcdoc="&lt;p&gt;Enjoy&lt;\/p&gt;/,
    )
    expect(await inbox.page(`/messages/${mail?.id}?view=text`)).not.toContain('<iframe')
  })

  it('lists the mails to a domain of another alphabet, typed either way', async () => {
    const inbox = await startInbox()
    await inbox.deliver({ to: 'user@xn--mnchen-3ya.example', subject: 'Servus' })
    for (const to of ['user@münchen.example', 'USER@MÜNCHEN.example', 'user@xn--mnchen-3ya.example'])
      expect(await inbox.page(`/?to=${encodeURIComponent(to)}`)).toContain('Servus')
  })

  it('escapes all that a stranger wrote: address, subject, sender, text, HTML', async () => {
    const inbox = await startInbox()
    await inbox.deliver({
      to: 'a&b@example.com',
      subject: evil,
      headers: [`Message-ID: <${evil}@example.com>`, 'Content-Type: text/html'],
      body: `${evil}" onload="alert(1)</iframe>`,
    })
    await inbox.deliver({ to: 'a@example.com', body: evil })
    const ids = (await inbox.list()).messages.map(({ id }) => id)
    const paths = ['/', `/?to=${encodeURIComponent(evil)}`]
    for (const id of ids)
      paths.push(`/messages/${id}?to=${encodeURIComponent(evil)}`, `/messages/${id}?view=text`)
    for (const path of paths) {
      const page = await inbox.page(path)
      expect([path, scripts(page)]).toEqual([path, 1])
      expect(page).not.toMatch(/" onload=|<script>alert/)
      expect(page.match(/<\/iframe>/g)?.length ?? 0).toBe(page.match(/<iframe/g)?.length ?? 0)
    }
  })

  it('leads back to the site, where it is known', async () => {
    const known = await startInbox({ siteUrl: 'https://eat.example/?a=1&b="' })
    expect(await known.page('/')).toContain('<a class="site" href="https://eat.example/?a=1&amp;b=&quot;">')
    expect(await (await startInbox()).page('/')).not.toContain('class="site"')
  })

  it('shows words in the direction that they run', async () => {
    const inbox = await startInbox()
    await inbox.deliver({
      to: 'a@example.com',
      subject: '=?UTF-8?B?15TXlNeW157XoNeUINeQ15XXqdeo15Q=?=',
      body: '<p>Hi',
      headers: ['Content-Type: text/html'],
    })
    const [mail] = (await inbox.list()).messages
    const page = await inbox.page(`/messages/${mail?.id}`)
    expect(page).toContain('<strong dir="auto">ההזמנה אושרה</strong>')
    expect(page).toContain('<h1 dir="auto">ההזמנה אושרה</h1>')
  })

  it('lets no script run but its own, by its policy', async () => {
    const inbox = await startInbox()
    const [first, second] = [await inbox.get('/'), await inbox.get('/')]
    const policy = first.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/=]+';/)
    expect(policy).not.toBe(second.headers.get('Content-Security-Policy'))
    const nonce = /nonce-([^']+)/.exec(policy)?.[1]
    expect(await first.text()).toContain(`<script nonce="${nonce}">`)
  })

  it('hears of new mail at once, and its stream ends when the inbox stops', async () => {
    const inbox = await startInbox()
    const stream = (await inbox.get('/events?lastEventId=0')).body
      ?.pipeThrough(new TextDecoderStream())
      .getReader()
    await inbox.deliver({ to: 'a@example.com' })
    let told = ''
    while (!told.endsWith('\n\n')) told += (await stream?.read())?.value
    expect(told).toBe('id: 1\ndata: "mail"\n\n')
    await inbox.kill('SIGTERM')
    expect((await stream?.read())?.done).toBe(true)
  })
})
