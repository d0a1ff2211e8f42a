import { describe, expect, it } from 'vitest'
import type { Mail } from '../mail.ts'
import { messageWriter } from './message.ts'

const sender = {
  name: 'Kafka Restaurants: Orders, "quick"',
  address: 'orders@kafka-restaurants.example',
  domain: 'kafka-restaurants.example',
}
const written = (mail: Partial<Mail>) => {
  const given = {
    messageId: '<1@fig.example>',
    to: 'diner@example.com',
    subject: 'Fig',
    text: 'Tea',
    html: 'Tea',
  }
  return messageWriter(sender)({ ...given, ...mail }, new Date('2026-11-26T06:05:04.321Z'))
}

describe('a mail on the wire', () => {
  it('has its headers once each, and a part for each form of it', () => {
    expect(written({ text: 'Tea\n', html: '<b>Tee, süß</b>' }).bytes.toString()).toBe(
      [
        'From: "Kafka Restaurants: Orders, \\"quick\\""',
        ' <orders@kafka-restaurants.example>',
        'To: diner@example.com',
        'Subject: Fig',
        'Message-ID: <1@fig.example>',
        'Date: Thu, 26 Nov 2026 06:05:04 +0000',
        'MIME-Version: 1.0',
        'Content-Type: multipart/alternative; boundary="=_part"',
        '',
        '--=_part',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        'VGVhCg==',
        '',
        '--=_part',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        'PGI+VGVlLCBzw7zDnzwvYj4=',
        '',
        '--=_part--',
        '',
      ].join('\r\n'),
    )
  })

  it.each([
    'x'.repeat(5_000),
    'ü'.repeat(5_000),
    `${'long '.repeat(500)}=?utf-8?Q?a?=`,
    '\n.\r.\r\n',
    '--=_part',
  ])('has short lines of plain text, whatever it says: %j', text => {
    const lines = written({ subject: text.replace(/[\r\n]/g, ' '), text, html: text })
      .bytes.toString()
      .split('\r\n')
    for (const line of lines) expect(line).toMatch(/^[ -~]{0,78}$/)
    expect(lines.filter(line => line.startsWith('--=_part'))).toHaveLength(3)
    expect(lines.filter(line => line.startsWith('.'))).toEqual([])
  })

  it('goes to an address as mail servers know it', () => {
    const to = (address: string) => written({ to: address }).envelope.to
    expect(to('diner@münchen.example')).toBe('diner@xn--mnchen-3ya.example')
    expect(to('grüße@日本.example')).toBe('grüße@日本.example')
    expect(to('dana@דוגמה.קום')).toBe('dana@xn--6dbbec0c.xn--9dbq2a')
    expect(to('דנה@דוגמה.קום')).toBe('דנה@דוגמה.קום')
    expect(to("o'hara=fig/a~b@example.com")).toBe("o'hara=fig/a~b@example.com")
  })
})
