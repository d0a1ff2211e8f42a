import type { Content } from './content.ts'

/** A mail as plain text: all that its HTML says. */
export function plainText({ heading, lead, costs, total, facts, link, closing }: Content): string {
  const paragraphs = [
    [heading],
    [lead],
    [...costs, ...(total ? [total] : [])].map(line),
    facts.map(line),
    link ? [line([link.label, link.url])] : [],
    [closing, 'Kafka Restaurants'],
  ]
  const said = paragraphs.filter(lines => lines.length > 0)
  return `${said.map(lines => lines.join('\n')).join('\n\n')}\n`
}

const line = ([name, value]: [string, string]) => `${name}: ${value}`
