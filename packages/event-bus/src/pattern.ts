/**
 * A pattern of topics: a regular expression that matches from the beginning, as Python's `re.match` does.
 * @throws SyntaxError where it is no regular expression
 */
export function topicPattern(pattern: string | RegExp) {
  const { source, flags } = new RegExp(pattern)
  const sticky = new RegExp(source, `${flags.replaceAll(/[gy]/g, '')}y`)
  const exec = (topic: string) => {
    sticky.lastIndex = 0
    return sticky.exec(topic)
  }
  return { exec, matches: (topic: string) => exec(topic) !== null }
}

/** Why a text is no pattern. The engine's own words are for people who know its grammar, and say where. */
export function patternFault(pattern: string): string | undefined {
  try {
    topicPattern(pattern)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message.split(': ').at(-1) : error
    return `is no regular expression: ${why}`
  }
}
