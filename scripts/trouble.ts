/** Something that the person at the keyboard can put right: shown as its message alone, without a stack. */
export class Trouble extends Error {
  override name = 'Trouble'
}

/** Wrong usage of a command; its message says what is wrong. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Prints why a command failed and makes the process exit 1. */
export function reportFailure(error: unknown): void {
  console.error(error instanceof Trouble ? `\n${error.message}` : error)
  process.exitCode = 1
}
