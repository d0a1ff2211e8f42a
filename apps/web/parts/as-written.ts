/** A part of an address as people write it, in place of how the address does. */
export function asWritten(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
