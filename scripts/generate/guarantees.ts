import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'

export const guaranteesFile = resolve(root, 'docs/guarantees.md')

/** A link to a line of code that quotes it: [`code`](../file#L12). */
const quotedLine = /\[(`{1,2}) ?(.+?) ?\1\]\(\.\.\/([^)#]+)#L(\d+)\)/g

/**
 * Points every link to a line of code at the line that holds what the link quotes.
 * @throws Error that names the quotes that are nowhere in their files
 */
export function pointAtLines(text: string): string {
  const lost: string[] = []
  const pointed = text.replace(quotedLine, (link, _ticks, code: string, file: string, line: string) => {
    const lines = readFileSync(resolve(root, file), 'utf8').split('\n')
    const found = lines.findIndex(each => each.includes(code)) + 1
    if (found === 0) lost.push(`${file}: ${code}`)
    return link.replace(`#L${line})`, `#L${found})`)
  })
  if (lost.length > 0) throw new Error(`Quoted, but not in the file:\n${lost.join('\n')}`)
  return pointed
}
