/** A direction of a bridge, as it is started and stopped. */
export interface Side {
  /** Whether each pattern is started. */
  states: Map<string, boolean>
  /** Does as the states say. Resolves when nothing of what is stopped is on its way. */
  changed: () => Promise<void>
  /** Why it does not work now, a sentence each. */
  troubles: () => string[]
}
