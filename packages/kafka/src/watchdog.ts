/** After so many checks in which nothing was heard, something is stuck. */
export const checksBeforeStuck = 12

/**
 * Notices what should happen now and then, and does not: a consumer that stopped without a word, as kafkajs's are known to
 * do (tulios/kafkajs#659, #1431, #1513), or one that can't join its group or commit.
 * Counts checks, not time, so that a process that was frozen is not taken for stuck when it is thawed.
 */
export function watchdog(mostSilentChecks: number) {
  let silentChecks = 0
  return {
    /** It happened, or is excused, as Kafka is away. */
    heard: () => {
      silentChecks = 0
    },
    /** To be asked at an interval. @returns whether it did not happen since so many checks */
    isStuck: () => {
      silentChecks += 1
      return silentChecks > mostSilentChecks
    },
  }
}
