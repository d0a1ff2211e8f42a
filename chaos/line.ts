import type { Command, Start } from './check-cooking.ts'

/** The most commands that waited for one resource at a time, by when they were asked for and when they started. */
export function longestLine(commands: Command[], starts: Start[]): number {
  const startedAt = new Map(starts.map(({ id, fence }) => [id, fence]))
  const byResource = [...Map.groupBy(commands, ({ resource }) => resource).values()]
  return Math.max(0, ...byResource.map(all => mostAtATime(all, startedAt)))
}

function mostAtATime(commands: Command[], startedAt: Map<string, number>): number {
  const steps = commands.flatMap(({ id, writtenAt }) => [
    { at: writtenAt, by: 1 },
    { at: startedAt.get(id) ?? Number.POSITIVE_INFINITY, by: -1 },
  ])
  let [waiting, most] = [0, 0]
  // Who starts at once does not wait.
  for (const { by } of steps.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    waiting += by
    most = Math.max(most, waiting)
  }
  return most
}
