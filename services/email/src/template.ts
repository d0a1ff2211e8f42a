import { type ComponentProps, type CSSProperties, createElement as h, type ReactElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import {
  Body,
  Button,
  Column,
  Container,
  Head,
  Heading,
  Html,
  Preview,
  Row,
  Section,
  Text,
} from 'react-email'

/**
 * The mails' HTML with holes: `{{name}}` for text, `[[name]]` for HTML. It is made by `npm run format`, into templates.ts,
 * so that the service needs neither React nor react-email, and a mail costs no more than to fill it in. The texts of all
 * languages go into the same one: nothing here has a side but `end`.
 */
export const renderTemplates = (): Record<string, string> => ({
  mail: `<!doctype html>${short(mail)}`,
  cost: short(row(cell('{{name}}'), cell('{{value}}', atEnd))),
  total: short(
    row(cell('{{name}}', last), cell('{{value}}', { ...atEnd, style: { ...atEnd.style, ...last.style } })),
  ),
  fact: short(fact),
  link: short(link),
})

/**
 * Without what no mail program needs, as each mail is as long. Invisible characters that fill up a short preview are among
 * it, 2 KB: ours say enough.
 */
const short = (element: ReactElement) =>
  renderToStaticMarkup(element)
    .replaceAll(' data-id="__react-email-column"', '')
    .replaceAll(/(?<=<t(?:body|r)) style="width:100%"/g, '')
    .replace(/<div>[\s\u200b-\u200f\ufeff]+<\/div>/, '')

/** The site's, by what they are for. Mail programs that know no dark mode show the first. */
const colours = {
  paper: ['#fdf8f0', '#1a1310'],
  card: ['#ffffff', '#211813'],
  line: ['#e3d3bd', '#45362d'],
  ink: ['#2b1a12', '#f6ece0'],
  soft: ['#6b5446', '#cbb8a6'],
  brand: ['#a83a1a', '#f2976f'],
  confirmed: ['#4d5a1e', '#bccb80'],
  declined: ['#9f1c1c', '#ffa198'],
} as const

const light = (name: keyof typeof colours) => colours[name][0]

/** Mail programs that know no classes have the styles of the elements. */
const css = `
:root { color-scheme: light dark; supported-color-schemes: light dark }
.confirmed { color: ${light('confirmed')} }
.declined { color: ${light('declined')} }
@media (prefers-color-scheme: dark) {
  .paper { background-color: ${colours.paper[1]} !important }
  .card { background-color: ${colours.card[1]} !important; border-color: ${colours.brand[1]} ${colours.line[1]} ${colours.line[1]} !important }
  .line { border-color: ${colours.line[1]} !important }
  .ink { color: ${colours.ink[1]} !important }
  .soft { color: ${colours.soft[1]} !important }
  .brand { color: ${colours.brand[1]} !important }
  .confirmed { color: ${colours.confirmed[1]} !important }
  .declined { color: ${colours.declined[1]} !important }
  .button { background-color: ${colours.brand[1]} !important; color: ${colours.card[1]} !important }
}
@media (max-width: 480px) {
  .pad { padding-left: 20px !important; padding-right: 20px !important }
}
`

interface Look {
  className?: string
  align?: 'right'
  style?: CSSProperties
}

const atEnd: Look = {
  align: '{{end}}' as 'right',
  style: { whiteSpace: 'nowrap', width: '1%', paddingInlineStart: 14 },
}
const last: Look = { style: { borderBottom: 'none', fontWeight: 700 } }

const row = (...cells: ReactElement[]) => h('tr', null, ...cells)

const cell = (text: string, { style, ...look }: Look = {}) =>
  h(
    Column,
    {
      className: 'line',
      ...look,
      style: { padding: '8px 0', verticalAlign: 'top', borderBottom: `1px solid ${light('line')}`, ...style },
    },
    h('bdi', null, text),
  )

const factStyle = { padding: '3px 0', verticalAlign: 'top' }
const fact = row(
  h(Column, { className: 'soft', style: { ...factStyle, width: '34%', color: light('soft') } }, '{{name}}'),
  h(Column, { style: { ...factStyle, wordBreak: 'break-word' } }, h('bdi', null, '{{value}}')),
)

const link = h(
  Section,
  { style: { margin: '16px 0' } },
  h(
    Button,
    {
      className: 'button',
      href: '{{url}}',
      style: {
        backgroundColor: light('brand'),
        color: '#ffffff',
        fontWeight: 600,
        padding: '14px 26px',
        borderRadius: 26,
      },
    },
    '{{label}}',
  ),
)

const card = h(
  Container,
  {
    className: 'card',
    dir: '{{direction}}',
    style: {
      maxWidth: 560,
      backgroundColor: light('card'),
      border: `1px solid ${light('line')}`,
      borderTop: `6px solid ${light('brand')}`,
      borderRadius: 12,
    },
  },
  h(
    Row,
    null,
    h(
      Column,
      {
        className: 'pad ink',
        style: {
          padding: '22px 28px 26px',
          color: light('ink'),
          font: '16px/24px Inter,Helvetica,Arial,sans-serif',
        },
      },
      paragraph('Kafka Restaurants', '0 0 14px', {
        className: 'brand',
        style: { color: light('brand'), fontWeight: 700 },
      }),
      // Its colour is in the style sheet alone, as it depends on the outcome.
      h(
        Heading,
        { as: 'h1', className: '{{outcome}}', style: { margin: 0, fontSize: 26, lineHeight: '32px' } },
        '{{heading}}',
      ),
      paragraph('{{lead}}', '10px 0 14px'),
      table('[[costs]][[total]]'),
      '[[link]]',
      table('[[facts]]', { fontSize: 14, lineHeight: '20px' }),
      paragraph('{{closing}}', '18px 0 0'),
    ),
  ),
)

const mail = h(
  Html,
  { lang: '{{language}}', dir: '{{direction}}' },
  h(
    Head,
    null,
    h('meta', { name: 'viewport', content: 'width=device-width' }),
    h('meta', { name: 'color-scheme', content: 'light dark' }),
    h('meta', { name: 'supported-color-schemes', content: 'light dark' }),
    h('title', null, '{{subject}}'),
    h('style', null, css),
  ),
  h(
    Body,
    {
      className: 'paper',
      lang: '{{language}}',
      dir: '{{direction}}',
      style: { backgroundColor: light('paper'), margin: 0, padding: 0 },
    },
    h(Preview, { useTitleTag: false } as ComponentProps<typeof Preview>, '{{preview}}'),
    // The body's own table has no class, and so would stay light.
    h(
      Row,
      null,
      h(
        Column,
        { className: 'paper', style: { backgroundColor: light('paper'), padding: '24px 8px' } },
        card,
      ),
    ),
  ),
)

function paragraph(text: string, margin: string, { className, style }: Look = {}) {
  return h(Text, { className, style: { fontSize: 16, margin, ...style } }, text)
}

function table(rows: string, style: CSSProperties = {}) {
  const plain = { role: 'presentation', width: '100%', border: 0, cellPadding: 0, cellSpacing: 0 }
  return h('table', { ...plain, style }, h('tbody', null, rows))
}
