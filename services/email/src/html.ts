import { escapeHtml } from 'kafka-restaurants-service'
import type { Content } from './content.ts'
import { templates } from './templates.ts'

/** A mail as HTML, filled into what `npm run format` made with react-email. */
export function html({ words, outcome, subject, preview, heading, lead, ...content }: Content): string {
  const direction = words.dir
  const end = direction === 'rtl' ? 'left' : 'right'
  const cost = ([name, value]: [string, string]) => fill.cost({ name, value, end })
  const { costs, total, facts, link, closing } = content
  return fill.mail(
    { language: words.locale, direction, outcome, subject, preview, heading, lead, closing },
    {
      costs: costs.map(cost).join(''),
      total: total ? fill.total({ name: total[0], value: total[1], end }) : '',
      facts: facts.map(([name, value]) => fill.fact({ name, value })).join(''),
      link: link ? fill.link({ ...link }) : '',
    },
  )
}

const fill = {
  mail: filler(templates.mail),
  cost: filler(templates.cost),
  total: filler(templates.total),
  fact: filler(templates.fact),
  link: filler(templates.link),
}

/** Fills text into `{{name}}`, escaped, and HTML into `[[name]]`. A template is taken apart once. */
function filler(template: string) {
  const parts = template
    .split(/(\{\{\w+\}\}|\[\[\w+\]\])/)
    .map((part, at) =>
      at % 2 === 0 ? { literal: part } : { name: part.slice(2, -2), isHtml: part[0] === '[' },
    )
  return (texts: Record<string, string>, inner: Record<string, string> = {}): string => {
    let filled = ''
    for (const { literal, name = '', isHtml } of parts) {
      if (literal !== undefined) filled += literal
      else filled += isHtml ? (inner[name] ?? '') : escapeHtml(texts[name] ?? '')
    }
    return filled
  }
}
