/** A header is one line: whatever would end it becomes a space, so that nobody can add headers. */
export const withoutControls = (value: string) => value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

/** Words of a record, such as a restaurant's or a diner's, as one line that does not turn the direction of what follows. */
const oneLine = (value: string) =>
  withoutControls(value.toWellFormed().replace(/[\u202a-\u202e\u2066-\u2069]/g, ''))

/**
 * The same for what a mail says: mail programs make links of what looks like one, also in plain text, and a mail of ours
 * is not to lead where others want. A character that nobody sees keeps them from it.
 */
export function unlinked(value: string): string {
  const line = oneLine(value)
  return looksLinked.test(line) ? line.replace(/[.:/@](?=\S)/g, '$&\u200b') : line
}

const looksLinked = /:\/\/|@|[\p{L}\p{N}-]\.\p{L}{2}/u
