import type { Report } from './chaos.ts'
import type { Rule, Violation } from './check.ts'

const shownPerRule = 20

/** A report in words, line by line. */
export function reportLines({
  faults,
  orders,
  violations,
  drainedMs,
  longestGapMs,
  longestUncookedMs,
  longestLine,
  dataDir,
}: Report): string[] {
  const happened = [...faults].toSorted(([a], [b]) => a.localeCompare(b))
  return [
    '',
    ...table(
      'fault',
      'times',
      happened.map(([name, times]) => [name, times]),
    ),
    '',
    ...table('orders', 'number', [
      ['sent over HTTP', orders.sent],
      ['answers 2xx', orders.answered2xx],
      ['answers 4xx', orders.answered4xx],
      ['answers 5xx', orders.answered5xx],
      ['no answer', orders.unanswered],
      ['written straight into topic order', orders.written],
      ['confirmed', orders.confirmed],
      ['declined', orders.declined],
      ['cooked', orders.cooked],
      ['charged, by the ledger', orders.accepted],
      ['dead letters', orders.deadLetters],
      ['mails', orders.mails],
      ['repeated mails', orders.repeatedMails],
      ['quotes asked for', orders.quotes],
      ['quotes answered', orders.quotesAnswered],
    ]),
    '',
    ...violationLines(violations),
    `longest time without a confirmation: ${(longestGapMs / 1000).toFixed(1)} s`,
    `longest time without a ticket that became ready: ${(longestUncookedMs / 1000).toFixed(1)} s`,
    `most orders that waited for one kitchen: ${longestLine}`,
    `Waited ${(drainedMs / 1000).toFixed(1)} s until all was drained.`,
    violations.length === 0
      ? 'No violation: every promise was kept.'
      : `${violations.length} violations. Data and logs are kept in ${dataDir}`,
  ]
}

function violationLines(violations: Violation[]): string[] {
  return [...Map.groupBy(violations, ({ rule }) => rule)].flatMap(([rule, found]: [Rule, Violation[]]) => [
    `${rule}: ${found.length}`,
    ...found.slice(0, shownPerRule).map(({ words }) => `  ${words}`),
    ...(found.length > shownPerRule ? [`  … and ${found.length - shownPerRule} more`] : []),
    '',
  ])
}

function table(name: string, value: string, rows: [string, number][]): string[] {
  const width = Math.max(name.length, ...rows.map(([what]) => what.length))
  const line = (what: string, figure: string) => `  ${what.padEnd(width)}  ${figure.padStart(7)}`
  return [line(name, value), ...rows.map(([what, figure]) => line(what, String(figure)))]
}
